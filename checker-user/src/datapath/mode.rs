//! How a program runs on an interface.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where in the path of a packet the kernel calls the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// In the driver, before the kernel makes a socket buffer.
    Native,
    /// In the network stack: works with every driver, costs more.
    Generic,
    /// Native, called by libxdp's dispatcher: programs that it calls before may drop.
    NativeDispatcher,
    /// Generic, likewise.
    GenericDispatcher,
    /// By TCX: on what is sent; on what is received, where XDP is another program's.
    Tcx,
    /// On what is sent, under a clsact qdisc: kernels without TCX.
    Clsact,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "native",
            Self::Generic => "generic",
            Self::NativeDispatcher => "native-dispatcher",
            Self::GenericDispatcher => "generic-dispatcher",
            Self::Tcx => "tcx",
            Self::Clsact => "clsact",
        })
    }
}
