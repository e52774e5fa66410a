//! Tokens → tree, by recursive descent.
//!
//! ```text
//! any   = all  { "or" all }
//! all   = not  { "and" not }
//! not   = "not" not | "(" any ")" | test
//! test  = FIELD [ sign VALUE { "," VALUE } ]
//! sign  = "=" | "!=" | "~" | "!~" | "<" | "<=" | ">" | ">=" | "in" | "not" "in"
//! ```

use std::iter::Peekable;

use super::{
    expression::Expression,
    field::{Field, Kind},
    lex::{Placed, Sign, Token, lex},
    value::Value,
    wrong::Problem,
};

/// Most parentheses and `not`s in one another: what is nested is read, shown and asked by recursion.
const DEPTH: usize = 64;

/// Reads a filter.
pub(super) fn parse(text: &str) -> Result<Expression, Problem> {
    let mut parser = Parser { tokens: lex(text)?.into_iter().peekable(), end: text.len() };
    let expression = parser.any(0)?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some((at, Token::Close)) => Err(Problem::at(at, "no parenthesis is open here")),
        Some((at, _)) => Err(Problem::at(at, "expected \"and\", \"or\" or a sign such as =")),
    }
}

struct Parser<I: Iterator<Item = Placed>> {
    tokens: Peekable<I>,
    /// Where the text ends.
    end: usize,
}

impl<I: Iterator<Item = Placed>> Parser<I> {
    fn any(&mut self, depth: usize) -> Result<Expression, Problem> {
        let mut parts = vec![self.all(depth)?];
        while self.take(&Token::Or, "or") {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() > 1 { Expression::Any(parts) } else { parts.remove(0) })
    }

    fn all(&mut self, depth: usize) -> Result<Expression, Problem> {
        let mut parts = vec![self.not(depth)?];
        while self.take(&Token::And, "and") {
            parts.push(self.not(depth)?);
        }
        Ok(if parts.len() > 1 { Expression::All(parts) } else { parts.remove(0) })
    }

    fn not(&mut self, depth: usize) -> Result<Expression, Problem> {
        let at = self.at();
        if depth > DEPTH {
            return Err(Problem::at(
                at,
                format!("more than {DEPTH} parentheses and \"not\"s in one another"),
            ));
        }
        if self.take(&Token::Not, "not") {
            return Ok(Expression::Not(Box::new(self.not(depth + 1)?)));
        }
        if !self.take(&Token::Open, "") {
            return self.test();
        }
        let inner = self.any(depth + 1)?;
        if !self.take(&Token::Close, "") {
            return Err(Problem::at(at, "this parenthesis is not closed"));
        }
        Ok(inner)
    }

    fn test(&mut self) -> Result<Expression, Problem> {
        let field = self.field()?;
        let at = self.at();
        let negated = self.take(&Token::Not, "not");
        let sign = match self.tokens.next_if(|(_, token)| matches!(token, Token::Sign(_)) || is(token, "in"))
        {
            Some((_, Token::Sign(sign))) if !negated => sign,
            Some((_, Token::Word(_))) => Sign::In,
            _ if negated => return Err(Problem::at(at, "expected \"in\" behind this \"not\"")),
            _ => return Ok(Expression::Has(field)),
        };
        let known = field.kind().signs();
        if !known.contains(&sign) {
            let known: Vec<_> = known.iter().map(|sign| sign.to_string().trim().to_owned()).collect();
            let name = field.name();
            return Err(Problem::at(
                at,
                format!("{name} cannot be compared so, but with {}", known.join(", ")),
            ));
        }
        let test = Expression::Test(field, sign, self.values(field, sign)?);
        Ok(if negated { Expression::Not(Box::new(test)) } else { test })
    }

    fn field(&mut self) -> Result<Field, Problem> {
        let at = self.at();
        let Some((_, Token::Word(name))) = self.tokens.next() else {
            return Err(Problem::at(at, "expected a field, as in label=CN"));
        };
        Field::named(&name).ok_or_else(|| {
            let meant =
                Field::nearest(&name).map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
            Problem::at(at, format!("there is no field \"{name}\"{meant}"))
        })
    }

    fn values(&mut self, field: Field, sign: Sign) -> Result<Vec<Value>, Problem> {
        let pattern = matches!(sign, Sign::Like | Sign::Unlike);
        let order = matches!(sign, Sign::Less | Sign::AtMost | Sign::Greater | Sign::AtLeast);
        let mut values = Vec::new();
        loop {
            let at = self.at();
            let (Token::Word(text) | Token::Quoted(text)) =
                self.tokens.next().map_or(Token::Comma, |(_, token)| token)
            else {
                return Err(Problem::at(
                    at,
                    format!("expected a value of {}{}", field.name(), example(field)),
                ));
            };
            let value = Value::read(field, &text, pattern).map_err(|what| Problem::at(at, what))?;
            if order && (!values.is_empty() || matches!(value, Value::Numbers(first, last) if first != last))
            {
                return Err(Problem::at(at, format!("{sign} takes one number")));
            }
            values.push(value);
            if !self.take(&Token::Comma, "") {
                return Ok(values);
            }
        }
    }

    /// Takes the next token if it is that one, or that word.
    fn take(&mut self, token: &Token, word: &str) -> bool {
        self.tokens.next_if(|(_, next)| next == token || is(next, word)).is_some()
    }

    /// Where the next token is.
    fn at(&mut self) -> usize {
        self.tokens.peek().map_or(self.end, |(at, _)| *at)
    }
}

/// Whether a token is that word of the language, in either case.
fn is(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(text) if text.eq_ignore_ascii_case(word))
}

fn example(field: Field) -> &'static str {
    match field.kind() {
        Kind::Number(_) => ", or several as in 623,443",
        Kind::Text | Kind::Choice(_) | Kind::Address | Kind::Prefix | Kind::Mac => {
            "; what is no word stands in quotation marks"
        }
    }
}
