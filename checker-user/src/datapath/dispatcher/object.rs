//! The object that is handed to libxdp: checker's own with maps that are taken from where they are pinned, and with the
//! read-only data of the program that is loaded.

use std::collections::BTreeMap;

use anyhow::Context as _;
use object::{
    LittleEndian,
    elf::{FileHeader64, SectionHeader64},
    read::elf::{FileHeader as _, SectionHeader as _},
};

use super::btf;

/// Where a section header has the place and the size of the section: `Elf64_Shdr`, `uapi/linux/elf.h`.
const OFFSET: usize = 24;

type Header = SectionHeader64<LittleEndian>;

/// `maps` are pinned by name, with so many elements; `data` is in the section `.rodata`.
///
/// # Errors
///
/// When the object is not as `build.rs` makes it.
pub(super) fn prepare(object: &[u8], maps: &BTreeMap<String, u32>, data: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut prepared = object.to_vec();
    let (_, section) = find(object, ".rodata")?;
    let at = section.sh_offset.get(LittleEndian) as usize;
    let room = prepared.get_mut(at..at + section.sh_size.get(LittleEndian) as usize);
    let room = room.filter(|room| room.len() == data.len());
    room.context("the read-only data of the object and of the program differ in size")?.copy_from_slice(data);

    let (header, section) = find(object, ".BTF")?;
    let types = btf::pin_maps(section.data(LittleEndian, object)?, maps)?;
    // It is longer now: it stands behind all others.
    prepared.resize(prepared.len().next_multiple_of(8), 0);
    let place = [prepared.len() as u64, types.len() as u64].map(u64::to_le_bytes).concat();
    prepared[header + OFFSET..][..place.len()].copy_from_slice(&place);
    prepared.extend(types);
    Ok(prepared)
}

/// Where the section's header stands, and the header.
fn find<'a>(object: &'a [u8], name: &str) -> anyhow::Result<(usize, &'a Header)> {
    let file = FileHeader64::<LittleEndian>::parse(object).context("the object is no ELF file")?;
    let sections = file.sections(LittleEndian, object)?;
    let (index, section) =
        sections.section_by_name(LittleEndian, name.as_bytes()).with_context(|| format!("no {name}"))?;
    let first = file.e_shoff.get(LittleEndian) as usize;
    Ok((first + index.0 * size_of::<Header>(), section))
}

#[cfg(test)]
mod tests {
    use aya_obj::{Object, maps::PinningType};

    use super::*;
    use crate::datapath::object::DEFAULT;

    /// Read by aya, which has nothing to do with how it was written.
    #[test]
    fn the_maps_are_pinned_and_of_the_size_that_is_asked_for_and_all_else_is_as_it_was() {
        let before = Object::parse(DEFAULT).unwrap();
        let data = before.maps[".rodata"].data().to_vec();
        let other: Vec<_> = data.iter().map(|byte| !byte).collect();
        let wanted = BTreeMap::from([("FLOWS".to_owned(), 4096), ("INDEX_V4".to_owned(), 513)]);
        let after = prepare(DEFAULT, &wanted, &other).unwrap();
        let after = Object::parse(&after).unwrap();
        assert_eq!(before.maps.len(), after.maps.len());
        for (name, map) in &before.maps {
            let now = &after.maps[name];
            let size = wanted.get(name).copied().unwrap_or_else(|| map.max_entries());
            let pinning = if wanted.contains_key(name) { PinningType::ByName } else { PinningType::None };
            assert_eq!((now.max_entries(), now.pinning()), (size, pinning), "{name}");
            assert_eq!(
                (now.map_type(), now.key_size(), now.value_size(), now.map_flags()),
                (map.map_type(), map.key_size(), map.value_size(), map.map_flags()),
                "{name}"
            );
        }
        assert_eq!(after.maps[".rodata"].data(), other);
        assert_eq!(before.programs.len(), after.programs.len());
        assert!(prepare(DEFAULT, &wanted, &data[1..]).is_err());
        let unknown = BTreeMap::from([("NONE".to_owned(), 1)]);
        assert!(prepare(DEFAULT, &unknown, &data).unwrap_err().to_string().contains("no map NONE"));
    }
}
