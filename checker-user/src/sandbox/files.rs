//! The file system, by Landlock (Linux 5.13): as much of it as the kernel knows.

use anyhow::Context as _;
use landlock::{
    ABI, Access as _, AccessFs, BitFlags, CompatLevel, Compatible as _, LandlockStatus, RestrictionStatus,
    Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus, Scope, path_beneath_rules,
};

use super::places::Places;

/// The newest that was tried; on older kernels less is restricted.
const TRIED: ABI = ABI::V6;

/// Leaves this thread, and all that it makes, with these places; says how much of that the kernel does, and whether it is
/// anything.
pub(super) fn restrict(places: &Places) -> anyhow::Result<(&'static str, bool)> {
    let run = BitFlags::from(AccessFs::Execute);
    let devices = AccessFs::MakeChar | AccessFs::MakeBlock;
    let (all, read) = (AccessFs::from_all(TRIED), AccessFs::from_read(TRIED));
    let status: RestrictionStatus = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)
        .and_then(|ruleset| ruleset.scope(Scope::Signal))
        .and_then(Ruleset::create)
        .and_then(|ruleset| ruleset.add_rules(path_beneath_rules(places.reads(), read & !run)))
        .and_then(|ruleset| ruleset.add_rules(path_beneath_rules(places.writes(), all & !run & !devices)))
        .and_then(|ruleset| ruleset.add_rules(path_beneath_rules(places.removes(), AccessFs::RemoveDir)))
        .and_then(landlock::RulesetCreated::restrict_self)
        .context("cannot restrict the file system")?;
    let restricted = status.ruleset != RulesetStatus::NotEnforced;
    let said = match (status.ruleset, status.landlock) {
        (RulesetStatus::FullyEnforced, _) => "Landlock",
        (RulesetStatus::PartiallyEnforced, _) => "Landlock, as far as this kernel has it",
        (RulesetStatus::NotEnforced, LandlockStatus::NotEnabled) => "no Landlock, which is switched off",
        (RulesetStatus::NotEnforced, _) => "no Landlock, which this kernel lacks",
    };
    Ok((said, restricted))
}
