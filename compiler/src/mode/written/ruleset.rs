//! Rules of iptables against those that a mode writes.

use super::{NotWritten, Stranger};
use crate::bundle::ArtefactKind;
use crate::kernel::iptables::{Chain, ChainName, Frame, Jump, Rule, Ruleset, Table, TableName};
use crate::model::IpFamily;

/// The rules of a family, as an artefact has them.
#[derive(Debug, Clone, Copy)]
pub(in crate::mode) struct Rules<'a> {
    pub(in crate::mode) family: IpFamily,
    pub(in crate::mode) ruleset: &'a Ruleset,
}

impl<'a> Rules<'a> {
    fn kind(self) -> ArtefactKind {
        match self.family {
            IpFamily::V4 => ArtefactKind::Iptables,
            IpFamily::V6 => ArtefactKind::Ip6tables,
        }
    }

    fn table(self, name: TableName) -> Option<&'a Table> {
        self.ruleset.tables.iter().find(|table| table.name == name)
    }

    /// The rules of a chain; none of one that is not there.
    pub(in crate::mode) fn chain(self, table: TableName, name: &ChainName) -> &'a [Rule] {
        let chains = self.table(table).map(|table| &table.chains);
        let mut chains = chains.into_iter().flatten();
        let found = chains.find(|chain| chain.name == *name);
        found.map_or(&[], |chain| &chain.rules)
    }

    /// Whether a chain is there.
    pub(in crate::mode) fn has(self, table: TableName, name: &ChainName) -> bool {
        let table = self.table(table);
        table.is_some_and(|table| table.chains.iter().any(|chain| chain.name == *name))
    }

    /// The tables, their chains and the jumps out of the kernel's own chains are just these, with
    /// `further` chains among them.
    pub(in crate::mode) fn frame(
        self,
        frames: &[Frame],
        further: impl Fn(TableName, &ChainName) -> bool,
    ) -> Result<(), Box<Stranger>> {
        for table in &self.ruleset.tables {
            if !frames.iter().any(|frame| frame.table == table.name) {
                let line = format!("*{}", table.name.as_str());
                return Err(Box::new(Stranger::line(
                    self.kind(),
                    line,
                    NotWritten::Nothing,
                )));
            }
        }
        for frame in frames {
            let Some(table) = self.table(frame.table) else {
                let missing = format!("*{}", frame.table.as_str());
                let problem = NotWritten::Missing(missing.into());
                return Err(Box::new(Stranger::line(self.kind(), "", problem)));
            };
            for Chain { name, .. } in &table.chains {
                if !frame.chains.contains(name) && !further(frame.table, name) {
                    let line = declaration(name);
                    return self.stranger(frame.table, line, NotWritten::Nothing);
                }
            }
            for name in &frame.chains {
                if !self.has(frame.table, name) {
                    return self.missing(frame.table, declaration(name));
                }
            }
            self.jumps(table, &frame.jumps)?;
        }
        Ok(())
    }

    fn jumps(self, table: &Table, expected: &[Jump]) -> Result<(), Box<Stranger>> {
        let same = |a: &Jump, b: &Jump| a.from == b.from && same(&a.rule, &b.rule);
        for jump in &table.jumps {
            if !expected.iter().any(|own| same(own, jump)) {
                return self.stranger(table.name, insertion(jump), NotWritten::Nothing);
            }
        }
        for (at, own) in expected.iter().enumerate() {
            match table.jumps.get(at) {
                Some(jump) if same(own, jump) => {}
                Some(jump) => {
                    let problem = NotWritten::Instead(insertion(own).into());
                    return self.stranger(table.name, insertion(jump), problem);
                }
                None => return self.missing(table.name, insertion(own)),
            }
        }
        match table.jumps.get(expected.len()) {
            None => Ok(()),
            Some(jump) => self.stranger(table.name, insertion(jump), NotWritten::Nothing),
        }
    }

    /// A chain has just these rules.
    pub(in crate::mode) fn same(
        self,
        table: TableName,
        name: &ChainName,
        expected: &[Rule],
    ) -> Result<(), Box<Stranger>> {
        let mut own = expected.iter();
        for rule in self.chain(table, name) {
            match own.next() {
                Some(own) if same(own, rule) => {}
                Some(own) => {
                    let problem = NotWritten::Instead(addition(name, own).into());
                    return self.stranger(table, addition(name, rule), problem);
                }
                None => {
                    return self.stranger(table, addition(name, rule), NotWritten::Nothing);
                }
            }
        }
        match own.next() {
            None => Ok(()),
            Some(own) => self.missing(table, addition(name, own)),
        }
    }

    /// Every rule of a chain is of a form.
    pub(in crate::mode) fn of_form(
        self,
        table: TableName,
        name: &ChainName,
        form: &'static str,
        is: impl Fn(&Rule) -> bool,
    ) -> Result<(), Box<Stranger>> {
        let mut rules = self.chain(table, name).iter();
        match rules.find(|rule| !is(rule)) {
            None => Ok(()),
            Some(rule) => self.refused(table, name, rule, form),
        }
    }

    /// A rule that has none of the forms that its chain's rules have.
    pub(in crate::mode) fn refused(
        self,
        table: TableName,
        name: &ChainName,
        rule: &Rule,
        form: &'static str,
    ) -> Result<(), Box<Stranger>> {
        self.stranger(table, addition(name, rule), NotWritten::Form(form))
    }

    /// A chain that is named, and that rules are missing from.
    pub(in crate::mode) fn cut(
        self,
        table: TableName,
        name: &ChainName,
        form: &'static str,
    ) -> Result<(), Box<Stranger>> {
        self.stranger(table, declaration(name), NotWritten::Form(form))
    }

    fn missing(self, table: TableName, line: String) -> Result<(), Box<Stranger>> {
        let problem = NotWritten::Missing(line.into());
        self.stranger(table, format!("*{}", table.as_str()), problem)
    }

    fn stranger(
        self,
        table: TableName,
        line: String,
        problem: NotWritten,
    ) -> Result<(), Box<Stranger>> {
        let part = format!("*{}", table.as_str());
        Err(Box::new(Stranger {
            kind: self.kind(),
            part: (part != line).then_some(part),
            line,
            problem,
        }))
    }
}

/// Wherever they come from.
fn same(a: &Rule, b: &Rule) -> bool {
    (&a.matches, &a.target) == (&b.matches, &b.target)
}

fn declaration(name: &ChainName) -> String {
    format!(":{name} - [0:0]")
}

fn insertion(jump: &Jump) -> String {
    format!("-I {} {}", jump.from, jump.rule)
}

fn addition(name: &ChainName, rule: &Rule) -> String {
    format!("-A {name} {rule}")
}
