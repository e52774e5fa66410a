//! Text → tokens, with the place of each.

use super::wrong::Problem;

/// Longest filter, in bytes; far above what anybody types.
pub(super) const MAX_BYTES: usize = 4096;

/// A token and where it begins, in bytes.
pub(super) type Placed = (usize, Token);

/// The smallest parts of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A field, a value, or `and`, `or`, `not`, `in`: where it stands tells which.
    Word(String),
    /// A value in quotation marks.
    Quoted(String),
    /// What stands between a field and its values.
    Sign(Sign),
    And,
    Or,
    Not,
    Comma,
    Open,
    Close,
}

/// How a field is compared with values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Equal,
    Unequal,
    Like,
    Unlike,
    Less,
    AtMost,
    Greater,
    AtLeast,
    In,
}

/// Everything that is no word; the longer ones first.
const MARKS: [(&str, Token); 17] = [
    ("&&", Token::And),
    ("||", Token::Or),
    ("==", Token::Sign(Sign::Equal)),
    ("!=", Token::Sign(Sign::Unequal)),
    ("!~", Token::Sign(Sign::Unlike)),
    ("<=", Token::Sign(Sign::AtMost)),
    (">=", Token::Sign(Sign::AtLeast)),
    ("=", Token::Sign(Sign::Equal)),
    ("~", Token::Sign(Sign::Like)),
    ("<", Token::Sign(Sign::Less)),
    (">", Token::Sign(Sign::Greater)),
    ("&", Token::And),
    ("|", Token::Or),
    ("!", Token::Not),
    (",", Token::Comma),
    ("(", Token::Open),
    (")", Token::Close),
];

/// Whether a word can have `c` in it without quotation marks.
pub(super) fn in_word(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !"&|=!~<>,()\"'".contains(c)
}

/// Cuts `text` into tokens.
pub(super) fn lex(text: &str) -> Result<Vec<Placed>, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::at(MAX_BYTES, format!("a filter has at most {MAX_BYTES} bytes")));
    }
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let (token, after) = match first {
            '"' | '\'' => {
                quoted(&rest[1..], first).ok_or_else(|| Problem::at(at, "this quotation is not closed"))?
            }
            _ => match MARKS.iter().find(|(mark, _)| rest.starts_with(mark)) {
                Some((mark, token)) => (token.clone(), &rest[mark.len()..]),
                None => {
                    let (word, after) = rest.split_at(rest.find(|c| !in_word(c)).unwrap_or(rest.len()));
                    if word.is_empty() {
                        return Err(Problem::at(at, "a control character can stand in quotation marks only"));
                    }
                    (Token::Word(word.to_owned()), after)
                }
            },
        };
        tokens.push((at, token));
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// What stands before the closing `mark`, and what follows it. A backslash takes the next character as it is.
fn quoted(text: &str, mark: char) -> Option<(Token, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.push(chars.next()?.1),
            _ if c == mark => return Some((Token::Quoted(value), &text[at + 1..])),
            _ => value.push(c),
        }
    }
    None
}
