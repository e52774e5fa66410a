//! `checker tail`, as far as it gets without a daemon.

use anyhow::Result;
use harness::{checker::Call, lists::Lists};

use crate::transcript::{comes_to, retell};

#[test]
fn a_filter_that_is_none_points_at_the_mistake() -> Result<()> {
    let lists = Lists::new()?;
    let filter = |filter: &str, expected: &str| {
        let ended = Call::new(["tail", "--filter", filter, "--control", "checker.sock"])
            .in_folder(lists.folder())
            .run()?;
        comes_to(&lists, &ended, expected)
    };
    filter(
        "label=CN and prot=623",
        r#"
! checker: the filter, column 14: there is no field "prot"; did you mean proto?
!   label=CN and prot=623
!                ^
? 2
"#,
    )?;
    filter(
        "label=CN and (port=623 or asset~gpu-*",
        r#"
! checker: the filter, column 14: this parenthesis is not closed
!   label=CN and (port=623 or asset~gpu-*
!                ^
? 2
"#,
    )?;
    filter(
        "label=CN and port=623 and asset~gpu-*",
        r"
! checker: no checker daemon listens on checker.sock; start one with checker run
? 2
",
    )
}

#[test]
fn a_time_that_is_none() -> Result<()> {
    let transcript = r#"
$ checker tail --since yesterday
! error: invalid value 'yesterday' for '--since <WHEN>': "yesterday" is no time: write 10m, 2h30m or 3d for so long ago, or 2026-11-25, or 2026-11-25T10:00:00Z
!
! For more information, try '--help'.
? 2
"#;
    retell(&Lists::new()?, transcript)
}
