//! Fetches lists when they are due, without being asked, and on demand: one task that sleeps until the next one is.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::time::sleep_until;

use super::{
    commands::Commands,
    loader::{FIXED, Loader},
};
use crate::{
    alerts::incident::Incident,
    control::protocol::{Loaded, Reply},
    ranges::{
        remote::{
            copy,
            round::{Outcome, Round},
        },
        spec::ListSpec,
    },
};

/// Fetches whatever is due, until the task is dropped.
pub(super) async fn refresh(commands: Arc<Commands>) {
    if commands.fixed {
        if !fetched(&commands).is_empty() {
            tracing::warn!("lists from URLs are not fetched again: {FIXED}");
        }
        return;
    }
    loop {
        let (due, next) = commands.remotes.due(&fetched(&commands));
        if !due.is_empty() {
            if let Err(error) = commands.fetch(due).await {
                tracing::warn!("the last good generation stays: {error:#}");
            }
            continue;
        }
        let changed = commands.remotes.changed.notified();
        match next {
            Some(next) => tokio::select! {
                () = sleep_until(next) => {}
                () = changed => {}
            },
            None => changed.await,
        }
    }
}

/// The lists that are loaded and fetched, each URL once.
fn fetched(commands: &Commands) -> Vec<ListSpec> {
    let active = commands.records.active();
    let lists = active.iter().flat_map(|active| &active.compiled.lists);
    let mut specs: Vec<ListSpec> = Vec::new();
    for spec in lists.map(|list| &list.spec).filter(|spec| spec.remote.is_some()) {
        if !specs.iter().any(|other| other.path == spec.path) {
            specs.push(spec.clone());
        }
    }
    specs
}

impl Commands {
    /// Reads lists, which may have to be fetched; they replace all lists of the labels they name.
    pub(super) async fn load(self: &Arc<Self>, lists: Vec<ListSpec>, force: bool) -> Result<Reply> {
        let lists: Vec<_> = lists.into_iter().map(|spec| spec.kept_in(&self.remotes.state)).collect();
        let round = self.ask(lists.clone()).await?;
        self.renew(round, move |loader, round| loader.load_from(&lists, force, round)).await
    }

    /// Reads every list again, and fetches those that are fetched.
    pub(super) async fn reload(self: &Arc<Self>, force: bool) -> Result<Reply> {
        let round = self.ask(fetched(self)).await?;
        self.renew(round, move |loader, round| loader.reload(force, round)).await
    }

    /// Reads the files of lists again, and fetches nothing.
    pub(super) async fn reread(self: &Arc<Self>) -> Result<Reply> {
        self.renew(Round::default(), |loader, round| loader.reload(false, round)).await
    }

    /// Fetches these lists, and loads what is new of them.
    async fn fetch(self: &Arc<Self>, specs: Vec<ListSpec>) -> Result<()> {
        let round = self.ask(specs).await?;
        if self.has_news(&round) {
            let asked = round.clone();
            let changed = self.change(move |loader| loader.refresh(&asked)).await;
            let refused = changed.as_ref().err().map(|error| format!("{error:#}"));
            self.tell(self.remotes.note(&round, refused.as_deref()));
            return changed.map(|reply| self.tell_reloaded("refresh", &reply));
        }
        let keeping = round.clone();
        let unkept = tokio::task::spawn_blocking(move || keeping.keep()).await.unwrap_or_default();
        for warning in unkept.into_iter().chain(round.warnings()) {
            tracing::warn!("{warning}");
        }
        self.tell(self.remotes.note(&round, None));
        Ok(())
    }

    /// Whether something came that is not what is loaded.
    fn has_news(&self, round: &Round) -> bool {
        let active = self.records.active();
        let lists = active.iter().flat_map(|active| &active.compiled.lists);
        lists.into_iter().any(|list| match round.outcome(&list.spec) {
            Some(Outcome::Body(body)) => body.sha256 != list.sha256,
            // Somebody else may have fetched it meanwhile.
            Some(Outcome::NotModified) => {
                copy::about(&list.spec.path).is_some_and(|about| about.sha256.0 != list.sha256)
            }
            Some(Outcome::Unreachable { .. } | Outcome::Refused(_)) | None => false,
        })
    }

    /// A change that reads lists. The alert stream tells if it was refused: nobody may be there to read the answer. What
    /// else is wrong with a list it tells once.
    async fn renew(
        self: &Arc<Self>,
        round: Round,
        change: impl FnOnce(&mut Loader, &Round) -> Result<Loaded> + Send + 'static,
    ) -> Result<Reply> {
        let asked = round.clone();
        let changed = self.change(move |loader| change(loader, &asked)).await;
        let refused = changed.as_ref().err().map(|error| format!("{error:#}"));
        let news = self.remotes.note(&round, refused.as_deref());
        let others = news.into_iter().filter(|why| Some(why) != refused.as_ref());
        self.tell(refused.iter().cloned().chain(others));
        changed
    }

    /// Asks servers, on a thread of its own; none if nothing could come of it.
    async fn ask(&self, specs: Vec<ListSpec>) -> Result<Round> {
        if self.fixed || specs.iter().all(|spec| spec.remote.is_none()) {
            return Ok(Round::default());
        }
        tokio::task::spawn_blocking(move || Round::ask(&specs)).await.context("the fetching thread died")
    }

    /// Tells in the alert stream why lists were refused.
    fn tell(&self, reasons: impl IntoIterator<Item = String>) {
        let generation = self.records.active().map_or(0, |active| active.number);
        for reason in reasons {
            // An error says only that the daemon is at its end.
            let _untold = self.incidents.send(Incident::ListsRefused { reason, generation });
        }
    }
}
