//! A restricted flow, as `checker flows` is told of it.

use std::{net::IpAddr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    alerts::{
        alert::{Verdict, Way},
        mac::Mac,
        moment::Moment,
    },
    assets::asset::Asset,
    ranges::label::Label,
};

/// A restricted flow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlowRow {
    /// Source address.
    pub src_ip: IpAddr,
    /// Source port of the first packet.
    pub src_port: Option<u16>,
    /// Destination address.
    pub dest_ip: IpAddr,
    /// Destination port.
    pub dest_port: Option<u16>,
    /// Protocol, as in alerts.
    pub proto: String,
    /// Label of the list.
    pub label: Label,
    /// `allowed` or `blocked`.
    pub action: Verdict,
    /// Name of the interface.
    pub in_iface: String,
    /// VLAN ids of the first packet, outermost first.
    pub vlan: Vec<u16>,
    /// The address that lies in the range.
    pub matched: IpAddr,
    /// The field that it stood in.
    pub side: String,
    /// How it was carried.
    pub via: Option<String>,
    /// Whether the interface received or sent the packets.
    pub direction: Option<Way>,
    /// Source hardware address of the first packet.
    pub src_mac: Option<Mac>,
    /// The longest range that covers the address.
    pub prefix: Option<String>,
    /// The service that usually stands behind the ports.
    pub service: Option<String>,
    /// The machine, if it is known.
    pub asset: Option<Arc<Asset>>,
    /// When the first packet came.
    pub first_seen: Moment,
    /// When the last one came.
    pub last_seen: Moment,
    /// How many there were.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}
