//! A line of separated values → its fields. One line at a time: a stray quote spoils one line and not the rest of the
//! file, and every line keeps its own number.

use std::borrow::Cow;

/// The fields of a line without blanks around them. A quoted field may hold separators; `""` is a quote in it (RFC 4180).
pub fn fields(line: &[u8], separator: u8) -> Vec<Cow<'_, [u8]>> {
    let mut fields = Vec::with_capacity(8);
    let mut rest = Some(line);
    while let Some(text) = rest {
        // Not a tab: it may be the separator.
        let blanks = text.iter().take_while(|byte| **byte == b' ').count();
        let (field, after) = match &text[blanks..] {
            [b'"', quoted @ ..] => unquoted(quoted),
            plain => {
                let end = memchr::memchr(separator, plain).unwrap_or(plain.len());
                (Cow::Borrowed(plain[..end].trim_ascii_end()), &plain[end..])
            }
        };
        fields.push(field);
        rest = memchr::memchr(separator, after).map(|at| &after[at + 1..]);
    }
    fields
}

/// What stands up to the closing quote, and what follows it.
fn unquoted(text: &[u8]) -> (Cow<'_, [u8]>, &[u8]) {
    let mut end = 0;
    let mut doubled = false;
    loop {
        end += memchr::memchr(b'"', &text[end..]).unwrap_or(text.len() - end);
        if text.get(end + 1) != Some(&b'"') {
            break;
        }
        doubled = true;
        end += 2;
    }
    let field = &text[..end];
    let after = text.get(end + 1..).unwrap_or_default();
    if !doubled {
        return (Cow::Borrowed(field), after);
    }
    let mut quote = false;
    let kept = field.iter().filter(|byte| {
        quote = **byte == b'"' && !quote;
        !quote
    });
    (Cow::Owned(kept.copied().collect()), after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(line: &str, separator: u8) -> Vec<String> {
        let text = |field: &Cow<'_, [u8]>| String::from_utf8_lossy(field).into_owned();
        fields(line.as_bytes(), separator).iter().map(text).collect()
    }

    #[test]
    fn fields_lose_quotes_and_blanks() {
        for (line, expected) in [
            ("a,b", &["a", "b"][..]),
            ("", &[""]),
            (",", &["", ""]),
            (" a , b ,", &["a", "b", ""]),
            (r#""1","2,3","-""#, &["1", "2,3", "-"]),
            (r#""say ""yes""",x"#, &[r#"say "yes""#, "x"]),
            (r#""""""#, &[r#"""#]),
            (r#""open,x"#, &["open,x"]),
            (r#""a"b,c"#, &["a", "c"]),
        ] {
            assert_eq!(split(line, b','), expected, "{line}");
        }
        assert_eq!(split("1\t2, 3\t\t4\t", b'\t'), ["1", "2, 3", "", "4", ""]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(line in any::<Vec<u8>>()) {
            prop_assert!(fields(&line, b',').len() <= line.len() + 1);
        }

        #[test]
        fn what_is_quoted_comes_back(values in prop::collection::vec("[a-z,\" ]{0,6}", 1..5)) {
            let line: Vec<_> = values.iter().map(|v| format!("\"{}\"", v.replace('"', "\"\""))).collect();
            prop_assert_eq!(split(&line.join(","), b','), values);
        }
    }
}
