//! Request → answer: `/metrics`, `/healthz`, and what there is.

use std::fmt::Write as _;

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{self, HeaderValue},
};
use prometheus_client::{encoding::text::encode, registry::Registry};
use serde_json::json;

use super::families::families;
use crate::{daemon::commands::Commands, printable::printable};

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Answer = Response<Full<Bytes>>;

/// Answers one request.
pub(super) async fn answer(request: &Request<Incoming>, commands: &Commands) -> Answer {
    if *request.method() != Method::GET && *request.method() != Method::HEAD {
        let mut refusal = say(StatusCode::METHOD_NOT_ALLOWED, TEXT, "GET or HEAD\n");
        refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    match request.uri().path() {
        "/metrics" => metrics(commands).await,
        "/healthz" => health(request, commands).await,
        "/" => say(StatusCode::OK, TEXT, "checker: /metrics, /healthz\n"),
        _ => say(StatusCode::NOT_FOUND, TEXT, "there is /metrics and /healthz\n"),
    }
}

async fn metrics(commands: &Commands) -> Answer {
    let encoded = match commands.status().await {
        Ok(status) => {
            let mut registry = Registry::default();
            registry.register_collector(Box::new(families(&status, &commands.lists())));
            let mut text = String::new();
            encode(&mut text, &registry).map(|()| text).map_err(|error| error.to_string())
        }
        Err(error) => Err(format!("{error:#}")),
    };
    match encoded {
        Ok(text) => say(StatusCode::OK, OPEN_METRICS, text),
        Err(error) => say(StatusCode::INTERNAL_SERVER_ERROR, TEXT, format!("{error}\n")),
    }
}

/// 200 or 503, in words or, for who accepts it, as JSON.
async fn health(request: &Request<Incoming>, commands: &Commands) -> Answer {
    let reasons = match commands.status().await {
        Ok(status) => status.unhealthy,
        Err(error) => vec![format!("{error:#}")],
    };
    let code = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let accepts = request.headers().get_all(header::ACCEPT).iter();
    if accepts.filter_map(|value| value.to_str().ok()).any(|value| value.contains(JSON)) {
        let status = if reasons.is_empty() { "ok" } else { "failing" };
        return say(code, JSON, format!("{}\n", json!({ "status": status, "reasons": reasons })));
    }
    let mut text = String::new();
    if reasons.is_empty() {
        text.push_str("ok\n");
    }
    for reason in &reasons {
        let _infallible = writeln!(text, "{}", printable(reason));
    }
    say(code, TEXT, text)
}

fn say(code: StatusCode, kind: &'static str, text: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(text.into()));
    *answer.status_mut() = code;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}
