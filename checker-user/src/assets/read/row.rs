//! The fields of one machine → an entry, or what is wrong with them.

use std::net::IpAddr;

use super::{column::Column, refused::Refused};
use crate::{
    alerts::mac::Mac,
    assets::{
        asset::Asset,
        mac::{self, is_of_a_machine},
    },
    ranges::country::Country,
};

/// What a file says of one machine.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// What it holds, in the order of the file.
    pub(super) fields: Vec<Field>,
}

/// One field that is of use.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) column: Column,
    pub(super) line: u32,
    pub(super) text: String,
}

/// One machine, and the addresses by which it is known.
#[derive(Debug)]
pub struct Entry {
    /// The machine.
    pub asset: Asset,
    /// Its hardware addresses, each with its line.
    pub macs: Vec<(Mac, u32)>,
    /// Its IP addresses, likewise.
    pub addresses: Vec<(IpAddr, u32)>,
}

impl Row {
    /// The entry; `None` when there is no address in it, and so nothing to know it by.
    pub(super) fn entry(mut self, refused: &mut Refused) -> Option<Entry> {
        for field in &mut self.fields {
            field.text = field.text.trim().to_owned();
        }
        self.fields.retain(|field| !field.text.is_empty());
        // Stable: of the same rank, the column that comes first.
        self.fields.sort_by_key(|field| field.column);
        let (mut macs, mut addresses, mut allowed_cc) = (Vec::new(), Vec::new(), Vec::new());
        let (mut name, mut serial, mut site) = (None, None, None);
        let mut known_by = None;
        for Field { column, line, text } in self.fields {
            if column.identifies() {
                known_by.get_or_insert_with(|| text.clone());
            }
            match column {
                Column::Mac => match mac::read(&text) {
                    Some(mac) if is_of_a_machine(mac) => macs.push((mac, line)),
                    Some(_) => refused.add(line, &text, "is a MAC address that no machine has"),
                    None => refused.add(line, &text, "is not a MAC address"),
                },
                Column::Ip => match address(&text) {
                    Some(address) => addresses.push((address, line)),
                    None => refused.add(line, &text, "is not an IP address"),
                },
                Column::AllowedCc => allowed_cc.extend(countries(&text, line, refused)),
                Column::Name(_) => name = name.or(Some(text)),
                Column::Serial => serial = serial.or(Some(text)),
                Column::Site(_) => site = site.or(Some(text)),
            }
        }
        let name = name.or_else(|| serial.clone()).or_else(|| known_by.clone())?;
        known_by.map(|_| Entry { asset: Asset { name, serial, site, allowed_cc }, macs, addresses })
    }
}

/// `10.0.0.9`, or `10.0.0.9/24` as `NetBox` has it.
fn address(text: &str) -> Option<IpAddr> {
    let (address, length) = text.split_once('/').unwrap_or((text, "0"));
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    (length.parse::<u8>().ok()? <= longest).then_some(address.to_canonical())
}

/// Codes with anything between them that is no letter.
fn countries(text: &str, line: u32, refused: &mut Refused) -> Vec<Country> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let code = |word: &str| {
        let country = Country::read(word.as_bytes());
        if country.is_none() {
            refused.add(line, word, "is no country code; a country code has two letters, as CN");
        }
        country
    };
    words.filter_map(code).collect()
}
