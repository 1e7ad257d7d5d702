//! Reads the text of a filter.

use super::{Expression, Path, Relation};
use crate::graph::fault::Fault;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A name, a keyword, a number, a moment or an id.
    Word(String),
    /// A text in quotes.
    Text(String),
    /// A sign.
    Sign(char),
}

/// Reads a filter.
pub fn parse(text: &str) -> Result<Expression, Fault> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0, variable: None };
    let expression = reader.either()?;
    match reader.peek() {
        None => Ok(expression),
        Some(_) => Err(wrong("there is something behind its end")),
    }
}

fn wrong(what: &str) -> Fault {
    Fault::new(400, "BadRequest", format!("Invalid filter clause: {what}."))
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => {
                let (content, length) = quoted(rest)?;
                tokens.push(Token::Text(content));
                length
            }
            '(' | ')' | ',' | '/' | ':' => {
                tokens.push(Token::Sign(first));
                1
            }
            _ => {
                // Only in moments is a colon part of the word.
                let is_moment = rest
                    .get(..11)
                    .is_some_and(|start| start.ends_with('T') && start.starts_with(|c: char| c.is_ascii_digit()));
                let part = |c: char| c.is_alphanumeric() || "_-.$@+".contains(c) || (is_moment && c == ':');
                let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
                if length == 0 {
                    return Err(wrong(&format!("the sign '{first}' has no meaning there")));
                }
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text in quotes, in which two quotes are one, and how long it is with them.
fn quoted(text: &str) -> Result<(String, usize), Fault> {
    let mut content = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' if letters.peek().is_some_and(|(_, next)| *next == '\'') => {
                letters.next();
                content.push('\'');
            }
            '\'' => return Ok((content, at + 1)),
            _ => content.push(letter),
        }
    }
    Err(wrong("a text does not end"))
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    /// What a lambda calls the one that it is about.
    variable: Option<String>,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token, Fault> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| wrong("it ends too early"))?;
        self.at += 1;
        Ok(token)
    }

    /// Goes on if the next word is this one.
    fn takes(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Word(own)) if own.eq_ignore_ascii_case(word));
        self.at += usize::from(is);
        is
    }

    /// Goes on if the next sign is this one.
    fn sees(&mut self, sign: char) -> bool {
        let is = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(is);
        is
    }

    fn sign(&mut self, sign: char) -> Result<(), Fault> {
        if self.sees(sign) { Ok(()) } else { Err(wrong(&format!("'{sign}' is missing"))) }
    }

    fn word(&mut self) -> Result<String, Fault> {
        match self.next()? {
            Token::Word(word) => Ok(word),
            _ => Err(wrong("a name is missing")),
        }
    }

    fn either(&mut self) -> Result<Expression, Fault> {
        let mut one = self.both()?;
        while self.takes("or") {
            one = Expression::Or(Box::new(one), Box::new(self.both()?));
        }
        Ok(one)
    }

    fn both(&mut self) -> Result<Expression, Fault> {
        let mut one = self.single()?;
        while self.takes("and") {
            one = Expression::And(Box::new(one), Box::new(self.single()?));
        }
        Ok(one)
    }

    fn single(&mut self) -> Result<Expression, Fault> {
        if self.takes("not") {
            return Ok(Expression::Not(Box::new(self.single()?)));
        }
        if self.sees('(') {
            let inner = self.either()?;
            self.sign(')')?;
            return Ok(inner);
        }
        let name = self.word()?;
        if self.sees('(') {
            return self.function(&name);
        }
        self.comparison(name)
    }

    fn function(&mut self, name: &str) -> Result<Expression, Fault> {
        let first = self.word()?;
        let path = self.path(first)?;
        self.sign(',')?;
        let Token::Text(text) = self.next()? else { return Err(wrong("a text is missing")) };
        self.sign(')')?;
        match name.to_lowercase().as_str() {
            "startswith" => Ok(Expression::StartsWith(path, text)),
            "endswith" => Ok(Expression::EndsWith(path, text)),
            _ => Err(wrong(&format!("the function '{name}' is not known"))),
        }
    }

    /// A path without a lambda or a count at its end.
    fn path(&mut self, first: String) -> Result<Path, Fault> {
        let mut path = vec![first];
        while self.sees('/') {
            path.push(self.word()?);
        }
        self.local(path)
    }

    /// Within a lambda a path begins with what the lambda calls it.
    fn local(&self, mut path: Path) -> Result<Path, Fault> {
        if let Some(variable) = &self.variable {
            if path[0] != *variable {
                return Err(wrong(&format!("'{}' is not what the lambda is about", path[0])));
            }
            path.remove(0);
        }
        Ok(path)
    }

    fn comparison(&mut self, first: String) -> Result<Expression, Fault> {
        let mut path = vec![first];
        while self.sees('/') {
            let name = self.word()?;
            if name.eq_ignore_ascii_case("$count") {
                let path = self.local(path)?;
                let relation = self.relation()?;
                let number = self.value()?.as_i64().ok_or_else(|| wrong("a number is missing"))?;
                return Ok(Expression::Count(path, relation, number));
            }
            if self.sees('(') {
                return self.lambda(path, &name);
            }
            path.push(name);
        }
        let path = self.local(path)?;
        if self.takes("in") {
            self.sign('(')?;
            let mut values = vec![self.value()?];
            while self.sees(',') {
                values.push(self.value()?);
            }
            self.sign(')')?;
            return Ok(Expression::In(path, values));
        }
        let relation = self.relation()?;
        Ok(Expression::Compare(path, relation, self.value()?))
    }

    fn lambda(&mut self, path: Path, name: &str) -> Result<Expression, Fault> {
        if !name.eq_ignore_ascii_case("any") || self.variable.is_some() {
            return Err(wrong(&format!("the operator '{name}' is not known there")));
        }
        if self.sees(')') {
            return Ok(Expression::Any(path, None));
        }
        let variable = self.word()?;
        self.sign(':')?;
        self.variable = Some(variable);
        let inner = self.either()?;
        self.variable = None;
        self.sign(')')?;
        Ok(Expression::Any(path, Some(Box::new(inner))))
    }

    fn relation(&mut self) -> Result<Relation, Fault> {
        let word = self.word()?;
        match word.to_lowercase().as_str() {
            "eq" => Ok(Relation::Equal),
            "ne" => Ok(Relation::Other),
            "gt" => Ok(Relation::Greater),
            "ge" => Ok(Relation::Least),
            "lt" => Ok(Relation::Less),
            "le" => Ok(Relation::Most),
            _ => Err(wrong(&format!("'{word}' is no operator"))),
        }
    }

    fn value(&mut self) -> Result<Value, Fault> {
        let word = match self.next()? {
            Token::Text(text) => return Ok(Value::String(text)),
            Token::Word(word) => word,
            Token::Sign(sign) => return Err(wrong(&format!("'{sign}' stands where a value should"))),
        };
        match word.to_lowercase().as_str() {
            "null" => return Ok(Value::Null),
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            _ => {}
        }
        if let Ok(number) = word.parse::<i64>() {
            return Ok(Value::from(number));
        }
        // Moments and ids stand without quotes.
        let is_moment = word.parse::<jiff::Timestamp>().is_ok();
        let is_id = word.len() == 36 && word.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-');
        match is_moment || is_id {
            true => Ok(Value::String(word)),
            false => Err(wrong(&format!("'{word}' is no value"))),
        }
    }
}
