//! Colours, or none.

use ratatui::style::{Color, Modifier, Style};

/// Whether colours are wanted. Without them, what is grave is bold and what is chosen is inverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::top) struct Ink {
    pub(in crate::top) colours: bool,
}

impl Ink {
    const fn coloured(self, style: Style, colour: Color) -> Style {
        if self.colours { style.fg(colour) } else { style }
    }

    /// What must be seen.
    pub(super) const fn grave(self) -> Style {
        self.coloured(Style::new().add_modifier(Modifier::BOLD), Color::Red)
    }

    /// What is as it should be.
    pub(super) const fn good(self) -> Style {
        self.coloured(Style::new(), Color::Green)
    }

    /// What needs a look.
    pub(super) const fn odd(self) -> Style {
        self.coloured(Style::new().add_modifier(Modifier::BOLD), Color::Yellow)
    }

    /// Names of things.
    pub(super) const fn name(self) -> Style {
        self.coloured(Style::new(), Color::Cyan)
    }

    /// Heads of columns, the chosen line.
    pub(super) const fn inverse(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What matters.
    pub(super) const fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }
}
