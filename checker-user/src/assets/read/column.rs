//! What a column is called: in people's spreadsheets, in `NetBox`'s exports, in Redfish.

/// What a column holds. Where several hold the same, the lower rank is taken first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// A hardware address; all columns of it count.
    Mac,
    /// An IP address, with or without a prefix length; all columns of it count.
    Ip,
    /// What the machine is called.
    Name(u8),
    /// Its serial number.
    Serial,
    /// Where it should be.
    Site(u8),
    /// Country codes.
    AllowedCc,
}

impl Column {
    /// By its name, whatever its case, blanks, underscores and dashes: `MAC Address`, `mac_address`, `MACAddress`.
    ///
    /// An interface of `NetBox` has a `name` of its own and a `device`: the machine is the device.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        Some(match name.to_ascii_lowercase().as_str() {
            "mac"
            | "macaddress"
            | "macaddresses"
            | "bmcmac"
            | "bmcmacaddress"
            | "primarymacaddress"
            | "permanentmacaddress" => Self::Mac,
            "ip" | "ipaddress" | "bmcip" | "primaryip" | "primaryip4" | "primaryip6" | "oobip" => Self::Ip,
            "asset" | "assetname" => Self::Name(0),
            "device" | "virtualmachine" | "assignedobject" | "assignedobjectparent" => Self::Name(1),
            "parent" => Self::Name(2),
            "name" => Self::Name(3),
            "assettag" => Self::Name(4),
            "serial" | "serialnumber" | "sn" => Self::Serial,
            "site" => Self::Site(0),
            "location" => Self::Site(1),
            "allowedcc" => Self::AllowedCc,
            _ => return None,
        })
    }

    /// Whether a machine is known by it.
    pub(super) const fn identifies(self) -> bool {
        matches!(self, Self::Mac | Self::Ip)
    }
}
