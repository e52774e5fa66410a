//! A loaded program, run frame by frame.

use std::io::ErrorKind;

use anyhow::{Context as _, Result, ensure};
use aya::programs::{
    ProgramError, ProgramInfo, SchedClassifier, TestRun as _, TestRunOptions, Xdp, loaded_programs,
};
use aya_obj::programs::XdpAttachType;
use checker_common::abi;

/// The program alone.
pub enum Runner {
    /// The one for incoming packets.
    Incoming(Xdp),
    /// The one for outgoing packets.
    Outgoing(SchedClassifier),
}

impl Runner {
    /// Of a loaded program, by its id.
    ///
    /// # Errors
    ///
    /// When there is no such program.
    pub fn of(program: u32) -> Result<Self> {
        let info = loaded_programs().flatten().find(|info| info.id() == program);
        let info = info.with_context(|| format!("no program has the id {program}"))?;
        if info.name_as_str() == Some(abi::PROGRAM) {
            return Ok(Self::Incoming(Xdp::from_program_info(
                info,
                abi::PROGRAM.into(),
                XdpAttachType::Interface,
            )?));
        }
        Ok(Self::Outgoing(SchedClassifier::from_program_info(info, abi::EGRESS_PROGRAM.into())?))
    }

    /// Runs `frame` so many times; gives what the program told the kernel the last time.
    ///
    /// # Errors
    ///
    /// What the kernel said.
    pub fn run(&self, frame: &[u8], times: u32) -> Result<u32> {
        self.run_split(frame, times, None)
    }

    pub(crate) fn run_split(&self, frame: &[u8], times: u32, head: Option<u32>) -> Result<u32> {
        let mut told = 0;
        // A call for each: one that repeats may end early.
        for _ in 0..times {
            told = self.call(frame, 1, head).with_context(|| format!("cannot run {} bytes", frame.len()))?;
        }
        Ok(told)
    }

    /// Runs `frame` without a pause, up to so many times; whether it was so many. A signal ends it, and the kernel does not
    /// say how many frames it had run by then (`bpf_test_timer_continue`, `net/bpf/test_run.c`).
    ///
    /// # Errors
    ///
    /// What else the kernel said.
    pub fn run_on(&self, frame: &[u8], times: u32) -> Result<bool> {
        match self.call(frame, times, None) {
            Err(ProgramError::SyscallError(error)) if error.io_error.kind() == ErrorKind::Interrupted => {
                Ok(false)
            }
            run => run.map(|_| true).with_context(|| format!("cannot run {} bytes", frame.len())),
        }
    }

    fn call(&self, frame: &[u8], times: u32, head: Option<u32>) -> Result<u32, ProgramError> {
        // `struct xdp_md`, `uapi/linux/bpf.h`: where the linear part starts and ends, and four fields more.
        let context = head.map(|head| [0, head, 0, 0, 0, 0].map(u32::to_ne_bytes).concat());
        let options = TestRunOptions {
            data_in: Some(frame),
            ctx_in: context.as_deref(),
            repeat: times,
            ..TestRunOptions::default()
        };
        let run = match self {
            Self::Incoming(program) => program.test_run(options),
            Self::Outgoing(program) => program.test_run(options),
        };
        Ok(run?.return_value)
    }

    /// Whether that is an order to drop; to pass is the only other one.
    pub(crate) fn is_drop(&self, told: u32) -> Result<bool> {
        // uapi/linux/bpf.h: XDP_DROP, XDP_PASS; uapi/linux/pkt_cls.h: TC_ACT_SHOT, TC_ACT_UNSPEC.
        let (drop, pass) = match self {
            Self::Incoming(_) => (1, 2),
            Self::Outgoing(_) => (2, u32::MAX),
        };
        ensure!(told == drop || told == pass, "the kernel was told {told}");
        Ok(told == drop)
    }

    pub(crate) fn info(&self) -> Result<ProgramInfo> {
        Ok(match self {
            Self::Incoming(program) => program.info()?,
            Self::Outgoing(program) => program.info()?,
        })
    }
}
