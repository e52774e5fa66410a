//! Record and field → what stands there.

use super::field::Field;
use crate::alerts::line::Line;

/// The values of a field; a record may have none of them.
pub(super) enum Found<'a> {
    Texts([Option<&'a str>; 3]),
    Numbers([Option<u64>; 2]),
    Vlans(&'a [u16]),
}

/// What stands in that field.
pub(super) fn look<'a>(field: Field, line: &'a Line<'_>) -> Found<'a> {
    let details = line.checker.as_ref();
    let number = |number| Found::Numbers([number, None]);
    let text = match field {
        Field::Port => {
            return Found::Numbers([line.src_port, line.dest_port].map(|port| port.map(u64::from)));
        }
        Field::SourcePort => return number(line.src_port.map(u64::from)),
        Field::DestPort => return number(line.dest_port.map(u64::from)),
        Field::Severity => {
            return number(line.alert.as_ref().and_then(|alert| alert.severity).map(u64::from));
        }
        Field::Generation => return number(details.and_then(|details| details.generation)),
        Field::Count => return number(details.map(|details| details.count.unwrap_or(1))),
        Field::Vlan => return Found::Vlans(&line.vlan),
        Field::Addr => {
            let matched = details.map(|details| &details.matched);
            return Found::Texts(
                [line.src_ip.as_ref(), line.dest_ip.as_ref(), matched].map(|text| text.map(|text| &**text)),
            );
        }
        Field::Type => Some(&line.event_type),
        Field::Src => line.src_ip.as_ref(),
        Field::Dst => line.dest_ip.as_ref(),
        Field::Proto => line.proto.as_ref(),
        Field::Iface => line.in_iface.as_ref(),
        Field::Mac => line.mac(),
        Field::Action => line.alert.as_ref().and_then(|alert| alert.action.as_ref()),
        Field::Label => details.map(|details| &details.label),
        Field::Matched => details.map(|details| &details.matched),
        Field::List => details.and_then(|details| details.list.as_ref()),
        Field::Service => details.and_then(|details| details.service.as_ref()),
        Field::Asset => details.and_then(|details| details.asset.as_ref()?.name.as_ref()),
        Field::Site => details.and_then(|details| details.asset.as_ref()?.site.as_ref()),
        Field::Vendor => details.and_then(|details| details.vendor.as_ref()),
        Field::Via => details.and_then(|details| details.via.as_ref()),
        Field::Side => details.and_then(|details| details.side.as_ref()),
        Field::Direction => details.and_then(|details| details.direction.as_ref()),
        Field::Prefix => details.and_then(|details| details.prefix.as_ref()),
    };
    Found::Texts([text.map(|text| &**text), None, None])
}

impl Found<'_> {
    /// Whether it is a text that `wanted` takes, or several of which it takes one.
    pub(super) fn text(&self, wanted: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Texts(texts) => texts.iter().flatten().any(|text| wanted(text)),
            Self::Numbers(_) | Self::Vlans(_) => false,
        }
    }

    /// The same for numbers.
    pub(super) fn number(&self, wanted: impl Fn(u64) -> bool) -> bool {
        match self {
            Self::Texts(_) => false,
            Self::Numbers(numbers) => numbers.iter().flatten().any(|number| wanted(*number)),
            Self::Vlans(vlans) => vlans.iter().any(|vlan| wanted((*vlan).into())),
        }
    }
}
