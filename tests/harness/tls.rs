//! What a server needs that speaks TLS.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result};

/// A certificate for `localhost`, and somebody who vouches for it, whose own certificate is written to `ca`.
pub(crate) fn tls(ca: &Path) -> Result<rustls::ServerConfig> {
    let mut authority = rcgen::CertificateParams::new(Vec::new())?;
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate()?;
    std::fs::write(ca, authority.self_signed(&authority_key)?.pem())
        .context("cannot write the certificate")?;
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate()?;
    let certificate =
        rcgen::CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &issuer)?;
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key.into())?)
}
