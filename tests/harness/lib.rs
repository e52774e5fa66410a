//! The test harness: namespaces, frames, a daemon under test.
