//! What goes wrong around a daemon, one file each. `docs/operating.md` says what each may cost.

mod kill;
mod churn;
mod tables;
mod full;
mod refused;
mod gone;
mod readers;
mod garbage;
