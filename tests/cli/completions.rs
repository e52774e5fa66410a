//! `checker completions` and `checker man`.

use anyhow::Result;
use harness::{checker::Call, lists::Lists};

use crate::transcript::retell;

#[test]
fn every_shell_has_completions_of_every_command() -> Result<()> {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Call::new(["completions", shell]).run()?.expect(0)?.stdout;
        for word in ["run", "doctor", "reload", "country-group"] {
            assert!(script.contains(word), "{shell}: no {word}");
        }
    }
    Ok(())
}

#[test]
fn every_command_has_a_manual_page() -> Result<()> {
    let page = Call::new(["man"]).run()?.expect(0)?.stdout;
    assert!(page.contains(".TH checker 1"), "{page}");
    for command in ["run", "doctor", "lists", "man"] {
        assert!(page.contains(&format!("checker\\-{command}(1)")), "{page}");
        let own = Call::new(["man", command]).run()?.expect(0)?.stdout;
        assert!(own.contains(&format!(".TH checker-{command} 1")), "{own}");
    }
    let transcript = "
$ checker man nonsense
! checker: there is no command nonsense
? 2
";
    retell(&Lists::new()?, transcript)
}
