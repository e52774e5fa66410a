//! Which part of a system a message comes from, in syslog's words.

use clap::ValueEnum;

/// The facilities that a program may choose, with their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Facility {
    /// Programs of users.
    User = 1,
    /// System daemons.
    Daemon = 3,
    /// Security.
    Auth = 4,
    /// Security, for few eyes.
    Authpriv = 10,
    /// For the site's own use, as the others of the name.
    Local0 = 16,
    /// Local use 1.
    Local1 = 17,
    /// Local use 2.
    Local2 = 18,
    /// Local use 3.
    Local3 = 19,
    /// Local use 4.
    Local4 = 20,
    /// Local use 5.
    Local5 = 21,
    /// Local use 6.
    Local6 = 22,
    /// Local use 7.
    Local7 = 23,
}
