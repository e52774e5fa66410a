//! Lines into something that may take only a part of them, with exact knowledge of which ones it took.

use std::{
    io::{self, Write},
    sync::Arc,
};

use crate::alerts::event::Event;

/// A buffer of lines, and whether the last one that was written is whole.
#[derive(Debug, Default)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// Where each event's line ends in the buffer.
    ends: Vec<usize>,
    /// Half a line stands at the end of the output. It gets a line end of its own; cutting it off instead would make
    /// those who follow the file start all over.
    torn: bool,
}

impl Lines {
    /// For an output that may end with half a line.
    pub(super) fn behind(torn: bool) -> Self {
        Self { torn, ..Self::default() }
    }

    /// Writes one line an event, as `form` makes it. An error comes with the number of events that were written.
    pub(super) fn write(
        &mut self,
        output: &mut impl Write,
        events: &[Arc<Event>],
        form: impl Fn(&Event, &mut Vec<u8>),
    ) -> Result<(), (usize, io::Error)> {
        self.buffer.clear();
        self.ends.clear();
        if self.torn {
            self.buffer.push(b'\n');
        }
        for event in events {
            form(event, &mut self.buffer);
            self.ends.push(self.buffer.len());
        }
        let mut taken = 0;
        while taken < self.buffer.len() {
            match output.write(&self.buffer[taken..]) {
                Ok(0) => return Err(self.stopped(taken, io::ErrorKind::WriteZero.into())),
                Ok(more) => taken += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.stopped(taken, error)),
            }
        }
        self.torn = false;
        Ok(())
    }

    fn stopped(&mut self, taken: usize, error: io::Error) -> (usize, io::Error) {
        if let Some(last) = taken.checked_sub(1) {
            self.torn = self.buffer[last] != b'\n';
        }
        // A line that lacks but its line feed will get one, and be whole.
        (self.ends.partition_point(|end| *end <= taken + 1), error)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alerts::{
        event::{Integrity, IntegrityType},
        incident::Incident,
        moment::Moment,
    };

    /// Takes so many bytes, then nothing until it is given more room.
    struct Disk {
        room: usize,
        content: Vec<u8>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.room);
            if taken == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= taken;
            self.content.extend(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn numbered(generation: u64) -> Arc<Event> {
        Arc::new(Event::Integrity(Integrity {
            timestamp: Moment(jiff::Timestamp::UNIX_EPOCH),
            event_type: IntegrityType::Integrity,
            integrity: Incident::ListsRefused { reason: String::new(), generation },
        }))
    }

    fn form(event: &Event, line: &mut Vec<u8>) {
        if let Event::Integrity(Integrity { integrity: Incident::ListsRefused { generation, .. }, .. }) =
            event
        {
            line.extend(format!("<{generation:03}>\n").bytes());
        }
    }

    proptest! {
        #[test]
        fn what_is_said_to_be_written_is_there_in_whole_lines(rooms in prop::collection::vec(0..40_usize, 1..30)) {
            let mut disk = Disk { room: 0, content: Vec::new() };
            let mut lines = Lines::default();
            let (mut number, mut written) = (0, Vec::new());
            for room in rooms {
                disk.room = room;
                let batch: Vec<_> = (number..number + 3).map(numbered).collect();
                let done = match lines.write(&mut disk, &batch, form) {
                    Ok(()) => 3,
                    Err((done, _)) => done,
                };
                written.extend((number..number + done as u64).map(|number| format!("<{number:03}>")));
                number += 3;
            }
            let content = String::from_utf8(disk.content).unwrap();
            let whole: Vec<_> = content.split('\n').filter(|line| line.len() == 5).collect();
            prop_assert_eq!(whole, written, "{}", content);
        }
    }
}
