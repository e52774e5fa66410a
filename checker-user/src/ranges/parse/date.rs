//! The day that a file says it is of, in the forms that headers write it in.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

const UTC: TimeZone = TimeZone::UTC;

const MONTHS: [&[u8]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];

/// Words of a header's line that tells the day of the file.
const TOLD_BY: [&[u8]; 7] =
    [b"date", b"updated", b"modified", b"generated", b"created", b"as of", b"spamhaus"];

/// The day of a comment that tells it: `# Source File Date: Mon Sep  2 10:20:01 UTC 2024`, `; Last-Modified: …`.
#[must_use]
pub fn of_comment(line: &[u8]) -> Option<Date> {
    // Headers are short; what is long is something else.
    let line = line.get(..line.len().min(200))?.to_ascii_lowercase();
    TOLD_BY.iter().any(|word| memchr::memmem::find(&line, word).is_some()).then(|| of_text(&line))?
}

/// The day in a text: `2024-09-12T…`, `2024/09/12`, `20240912`, `12 Sep 2024`, `Sep 12 10:20:01 UTC 2024`.
#[must_use]
pub fn of_text(text: &[u8]) -> Option<Date> {
    let words: Vec<_> =
        text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let year = |word: &[u8]| digits(word).filter(|year| word.len() == 4 && (1980..2200).contains(year));
    for (at, word) in words.iter().enumerate() {
        if word.len() == 8
            && let Some(date) = of_digits(word)
        {
            return Some(date);
        }
        if let (Some(year), [month, day, ..]) = (year(word), &words[at + 1..]) {
            // The day may run into a time: `12T10`.
            let end = day.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(day.len());
            if let Some(date) = date(year, digits(month), digits(&day[..end])) {
                return Some(date);
            }
        }
        if let Some(month) = named(word) {
            let before = at.checked_sub(1).and_then(|before| digits(words[before]));
            let day = before.or_else(|| digits(words.get(at + 1)?));
            // A time and a zone may stand between day and year.
            let year = words[at + 1..].iter().take(6).find_map(|word| year(word))?;
            return date(year, Some(month), day);
        }
    }
    None
}

/// `20240912`.
#[must_use]
pub fn of_digits(text: &[u8]) -> Option<Date> {
    let text: &[u8; 8] = text.try_into().ok()?;
    date(digits(&text[..4])?, digits(&text[4..6]), digits(&text[6..]))
}

/// Seconds since 1970.
#[must_use]
pub fn of_seconds(seconds: u64) -> Option<Date> {
    Timestamp::from_second(i64::try_from(seconds).ok()?)
        .ok()
        .map(|timestamp| UTC.to_datetime(timestamp).date())
}

/// This day, in UTC as all of them.
#[must_use]
pub fn today() -> Date {
    UTC.to_datetime(Timestamp::now()).date()
}

fn named(word: &[u8]) -> Option<u16> {
    let begin = word.get(..3)?.to_ascii_lowercase();
    let month = (1..).zip(MONTHS).find(|(_, name)| *name == begin).map(|(month, _)| month)?;
    (word.len() == 3 || word.len() > 4).then_some(month)
}

fn digits(word: &[u8]) -> Option<u16> {
    let plain = !word.is_empty() && word.len() <= 4 && word.iter().all(u8::is_ascii_digit);
    plain.then(|| word.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
}

fn date(year: u16, month: Option<u16>, day: Option<u16>) -> Option<Date> {
    Date::new(year.try_into().ok()?, month?.try_into().ok()?, day?.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_forms_that_headers_have() {
        for text in [
            "# Source File Date: Thu Sep 12 01:20:10 UTC 2024",
            "# This File Date  : Thu Sep 12 01:20:10 UTC 2024",
            "; Last-Modified: Thu, 12 Sep 2024 10:04:05 GMT",
            "; Spamhaus DROP List 2024/09/12 - (c) 2024 The Spamhaus Project",
            "# Updated: 2024-09-12T10:00:00Z",
            "# created 20240912",
            "# Generated on 12 September 2024",
        ] {
            assert_eq!(
                of_comment(text.as_bytes()).map(|date| date.to_string()).as_deref(),
                Some("2024-09-12")
            );
        }
        assert_eq!(of_text(b"2024-09-12-17-03-14").unwrap().to_string(), "2024-09-12");
        assert_eq!(of_seconds(1_726_131_845).unwrap().to_string(), "2024-09-12");
    }

    #[test]
    fn what_tells_no_day_is_none() {
        for text in
            ["# 2024-09-12", "# update frequency: 1 day", "# Created by may 2024", "# date: 2024-13-01", ""]
        {
            assert_eq!(of_comment(text.as_bytes()), None, "{text}");
        }
        assert_eq!(of_seconds(u64::MAX), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(text in any::<Vec<u8>>(), words in "(sep|2024|12|20240912|[ :/-]){0,12}") {
            let _ = (of_text(&text), of_text(words.as_bytes()), of_comment(&text));
        }
    }
}
