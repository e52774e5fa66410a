//! What is said over the control socket.
//!
//! A client sends one line with a [`Request`], the daemon answers one line with a [`Reply`]. After `Reply::Tail`
//! follow lines with [`Event`](crate::alerts::event::Event)s until either side hangs up.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{flow::FlowRow, status::Status};
use crate::ranges::{explain::Explanation, generation::ListReport, label::Label, spec::ListSpec};

/// Where the daemon listens unless told otherwise.
pub const DEFAULT_SOCKET: &str = "/run/checker/checker.sock";

/// Longest request line, in bytes.
pub const MAX_REQUEST: usize = 64 * 1024;

/// What a client asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "lowercase", deny_unknown_fields)]
pub enum Request {
    /// Read these lists; they replace all lists of the labels they name.
    Load {
        /// Absolute paths.
        lists: Vec<ListSpec>,
        /// Lift the guards.
        force: bool,
    },
    /// Drop every list of a label.
    Unload {
        /// The label.
        label: Label,
    },
    /// Read every list again.
    Reload {
        /// Lift the guards.
        force: bool,
    },
    /// Which lists are loaded.
    Lists,
    /// Why an address is judged as it is.
    Explain {
        /// The address.
        address: IpAddr,
    },
    /// Which addresses the lists of labels come to.
    Addresses {
        /// The labels.
        labels: Vec<Label>,
    },
    /// How the daemon is.
    Status,
    /// Which restricted flows there are.
    Flows,
    /// Take the program off an interface, or off all.
    Detach {
        /// All when `None`.
        interface: Option<String>,
    },
    /// End, and leave what is pinned to another daemon.
    Leave,
    /// Follow the alert stream.
    Tail {
        /// So many past events first.
        last: usize,
        /// Go on with the ones to come.
        follow: bool,
    },
}

impl Request {
    /// Whether it changes anything; such requests are for root (and the daemon's own user) only.
    #[must_use]
    pub const fn changes(&self) -> bool {
        match self {
            Self::Load { .. }
            | Self::Unload { .. }
            | Self::Reload { .. }
            | Self::Detach { .. }
            | Self::Leave => true,
            Self::Lists
            | Self::Explain { .. }
            | Self::Addresses { .. }
            | Self::Status
            | Self::Flows
            | Self::Tail { .. } => false,
        }
    }

    /// The command as the user typed it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Load { .. } => "load",
            Self::Unload { .. } => "unload",
            Self::Reload { .. } => "reload",
            Self::Lists => "lists",
            Self::Explain { .. } => "explain",
            Self::Addresses { .. } => "addresses",
            Self::Status => "status",
            Self::Flows => "flows",
            Self::Detach { .. } => "detach",
            Self::Leave => "leave",
            Self::Tail { .. } => "tail",
        }
    }
}

/// What the daemon answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "reply", content = "content", rename_all = "lowercase")]
pub enum Reply {
    /// A new generation is active.
    Loaded(Loaded),
    /// The loaded lists.
    Lists(Vec<ListReport>),
    /// Why an address is judged as it is.
    Explained(Box<Explanation>),
    /// The addresses of each label, in the order in which they were named.
    Addresses(Vec<LabelAddresses>),
    /// How the daemon is.
    Status(Box<Status>),
    /// The restricted flows.
    Flows(Vec<FlowRow>),
    /// The program is off these interfaces.
    Detached(Vec<String>),
    /// The daemon ends, and leaves what is pinned.
    Leaving,
    /// Events follow.
    Tail {
        /// So many of them are past events.
        past: usize,
        /// How many events there were before the oldest that the daemon keeps.
        forgotten: u64,
    },
    /// Nothing was changed; why.
    Refused(String),
}

/// A new generation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loaded {
    /// Its number.
    pub generation: u64,
    /// Lists in it.
    pub lists: usize,
    /// IPv4 ranges in the kernel.
    pub ranges_v4: usize,
    /// IPv6 ranges in the kernel.
    pub ranges_v6: usize,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// From the request to the switch.
    pub milliseconds: f64,
}

/// What the lists of a label come to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LabelAddresses {
    /// Whether there is any list of it.
    pub loaded: bool,
    /// The fewest prefixes.
    pub prefixes: Vec<IpNet>,
}
