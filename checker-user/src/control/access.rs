//! Who may ask for what: by the credentials of the client, which the kernel vouches for (`SO_PEERCRED`).

use std::{
    io,
    os::fd::{AsFd, AsRawFd as _},
};

use nix::unistd::{Gid, Uid};

use super::protocol::Request;

/// Who may read beside root and the daemon's own user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever may open the socket's file.
    WhoOpens,
    /// Members of this group.
    Group(Gid),
}

/// A client, as the kernel knows it.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Its user.
    pub uid: u32,
    /// Its groups, the first one foremost.
    pub gids: Vec<u32>,
}

impl Credentials {
    /// Of the process at the other end, as it was when it connected.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn of(client: &(impl AsFd + ?Sized), uid: u32, gid: u32) -> io::Result<Self> {
        let mut gids = vec![gid];
        gids.extend(supplementary(client)?);
        Ok(Self { uid, gids })
    }
}

impl Readers {
    /// Why a client may not ask for that; `None` when it may.
    #[must_use]
    pub fn refusal(self, client: &Credentials, request: &Request) -> Option<String> {
        let (name, uid) = (request.name(), client.uid);
        if uid == 0 || uid == Uid::effective().as_raw() {
            return None;
        }
        match self {
            Self::Group(group) if !client.gids.contains(&group.as_raw()) => {
                Some(format!("{name} is for root and the group {group}; uid {uid} is not in it"))
            }
            Self::Group(_) | Self::WhoOpens => {
                request.changes().then(|| format!("{name} is for root; uid {uid} may read only"))
            }
        }
    }
}

/// `SO_PEERGROUPS`, Linux 4.13.
fn supplementary(client: &(impl AsFd + ?Sized)) -> io::Result<Vec<u32>> {
    // More than the kernel lets anybody have would be 65 536 (`NGROUPS_MAX`).
    let mut gids = vec![0_u32; 64];
    loop {
        let mut length = size_of_val(gids.as_slice()) as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` bytes to `gids`, which has so many, and the length it has or needs.
        let result = unsafe {
            libc::getsockopt(
                client.as_fd().as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_PEERGROUPS,
                gids.as_mut_ptr().cast(),
                &raw mut length,
            )
        };
        let count = length as usize / size_of::<u32>();
        if result == 0 {
            gids.truncate(count);
            return Ok(gids);
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(libc::ERANGE) || count <= gids.len() {
            return Err(error);
        }
        gids.resize(count, 0);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use nix::unistd::{getegid, getgroups};

    use super::*;

    const MEMBER: u32 = 4_000_001;

    fn client(uid: u32, gids: &[u32]) -> Credentials {
        Credentials { uid, gids: gids.to_vec() }
    }

    #[test]
    fn members_read_root_changes_and_others_are_told_so() {
        let readers = Readers::Group(Gid::from_raw(77));
        let reload = Request::Reload { force: false };
        for request in [&Request::Status, &reload] {
            assert_eq!(readers.refusal(&client(0, &[0]), request), None);
            assert_eq!(Readers::WhoOpens.refusal(&client(0, &[0]), request), None);
        }
        let member = client(MEMBER, &[5, 77]);
        assert_eq!(readers.refusal(&member, &Request::Status), None);
        let refusal = format!("reload is for root; uid {MEMBER} may read only");
        assert_eq!(readers.refusal(&member, &reload), Some(refusal.clone()));
        assert_eq!(Readers::WhoOpens.refusal(&client(MEMBER, &[5]), &reload), Some(refusal));
        assert_eq!(Readers::WhoOpens.refusal(&client(MEMBER, &[5]), &Request::Lists), None);
        let stranger = format!("lists is for root and the group 77; uid {MEMBER} is not in it");
        assert_eq!(readers.refusal(&client(MEMBER, &[5]), &Request::Lists), Some(stranger));
    }

    #[test]
    fn all_groups_of_the_other_end_are_known() -> anyhow::Result<()> {
        let (one, _other) = UnixStream::pair()?;
        let found = Credentials::of(&one, Uid::effective().as_raw(), getegid().as_raw())?;
        let mut own: Vec<_> = getgroups()?.into_iter().map(Gid::as_raw).collect();
        own.insert(0, getegid().as_raw());
        assert_eq!(found.gids, own);
        Ok(())
    }
}
