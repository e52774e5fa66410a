//! The small integers that the kernel knows labels and actions by.
//!
//! Append-only: a class never changes its meaning and is never given away again while the kernel's maps live, because
//! the counters of a class and the records that are still in the ring buffer go on referring to it after its list
//! is gone.

use anyhow::{Context as _, Result};
use checker_common::abi::CANARY_CLASS;

use serde::{Deserialize, Serialize};

use super::{action::Action, label::Label};

/// What a class stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// What the user calls it.
    pub label: Label,
    /// What happens to packets of it.
    pub action: Action,
}

/// Every class that was ever in use, in the order in which they came. Class 0 is none, the first one is 1.
#[derive(Clone, Debug, Default)]
pub struct Classes(Vec<Class>);

/// Those of a daemon that is gone, from number 1 on.
impl From<Vec<Class>> for Classes {
    fn from(classes: Vec<Class>) -> Self {
        Self(classes)
    }
}

impl Classes {
    /// The class of a label with an action: the one it had before, or a new one.
    ///
    /// # Errors
    ///
    /// When the kernel's tables have no room for another class; then nothing is added.
    pub fn id(&mut self, label: &Label, action: Action) -> Result<u32> {
        // A scan of at most a thousand, once for each list: no index is worth its upkeep.
        let index = self.0.iter().position(|class| class.label == *label && class.action == action);
        let index = index.unwrap_or(self.0.len());
        let id = u32::try_from(index + 1).ok().filter(|id| *id < CANARY_CLASS).with_context(|| {
            format!("more than {} labels since the daemon started; restart it", CANARY_CLASS - 1)
        })?;
        if index == self.0.len() {
            self.0.push(Class { label: label.clone(), action });
        }
        Ok(id)
    }

    /// What a class stands for; `None` for 0 and for one that was never given.
    #[must_use]
    pub fn get(&self, id: u32) -> Option<&Class> {
        self.0.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    /// Every class with its number, from 1 on.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Class)> {
        (1..).zip(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_keeps_its_number() {
        let (one, two): (Label, Label) = ("ONE".parse().unwrap(), "TWO".parse().unwrap());
        let mut classes = Classes::default();
        assert_eq!(classes.id(&one, Action::Alert).unwrap(), 1);
        assert_eq!(classes.id(&two, Action::Alert).unwrap(), 2);
        assert_eq!(classes.id(&one, Action::Drop).unwrap(), 3);
        assert_eq!(classes.id(&one, Action::Alert).unwrap(), 1);

        assert_eq!(classes.get(0), None);
        assert_eq!(classes.get(3), Some(&Class { label: one, action: Action::Drop }));
        assert_eq!(classes.get(4), None);
        assert_eq!(classes.iter().map(|(id, _)| id).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn the_kernel_has_room_for_so_many_and_no_more() {
        let mut classes = Classes::default();
        for number in 1..CANARY_CLASS {
            let label = format!("L{number}").parse().unwrap();
            assert_eq!(classes.id(&label, Action::Alert).unwrap(), number);
        }
        let refused = classes.id(&"L0".parse().unwrap(), Action::Alert).unwrap_err();
        assert_eq!(refused.to_string(), "more than 1022 labels since the daemon started; restart it");
        assert_eq!(classes.id(&"L7".parse().unwrap(), Action::Alert).unwrap(), 7, "what was there still is");
        assert_eq!(classes.iter().count(), 1022);
    }
}
