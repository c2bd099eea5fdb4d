//! The client's own journal: one JSON object a line, only ever added to. It is what the shop is judged by, and what a
//! replay that was interrupted goes on from.

use std::{
    fs::{self, File, TryLockError},
    io::{BufRead, BufReader, Seek, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use anyhow::{Context, bail};

use super::{entry::Entry, memory::Memory};

/// An open journal. No other process has it open.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Opens the journal of the shop in `data`, and makes it if need be. What a write that was cut off left behind is
    /// taken away: its request was not sent yet, or its outcome is asked for again.
    ///
    /// # Errors
    /// When another process has it, when it cannot be written, and when a line in it cannot be understood or cannot
    /// follow the lines before it.
    pub fn open(data: &Path) -> anyhow::Result<(Self, Memory)> {
        let path = Self::place(data);
        let folder = path.parent().unwrap_or(data);
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let shown = path.display();
        let file = File::options().create(true).read(true).append(true).open(&path);
        let file = file.with_context(|| format!("cannot write to {shown}"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("another replay writes {shown}: let it end first"),
            Err(TryLockError::Error(error)) => return Err(error).context(format!("cannot lock {shown}")),
        }
        let (memory, whole) = read(&file, &path)?;
        file.set_len(whole).with_context(|| format!("cannot write to {shown}"))?;
        Ok((Self { path, file: Mutex::new(file) }, memory))
    }

    /// Where that of the shop in `data` is, if there is one.
    pub fn place(data: &Path) -> PathBuf {
        data.join("replay/journal.jsonl")
    }

    /// Adds an entry, in one write: once this returns, a kill of this process cannot lose it.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn write(&self, entry: &Entry) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let mut file = self.file.lock().expect("nothing panics while it is held");
        file.write_all(&line).with_context(|| format!("cannot write to {}", self.path.display()))
    }

    /// Everything in it.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn recall(&self) -> anyhow::Result<Memory> {
        let file = File::open(&self.path).with_context(|| format!("cannot read {}", self.path.display()))?;
        Ok(read(&file, &self.path)?.0)
    }
}

/// What all whole lines say, and how long they are together.
fn read(mut file: &File, path: &Path) -> anyhow::Result<(Memory, u64)> {
    file.rewind()?;
    let (mut memory, mut whole, mut line) = (Memory::default(), 0, Vec::new());
    let mut reader = BufReader::new(file);
    for number in 1.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            break;
        }
        let entry = serde_json::from_slice(&line);
        let entry = entry.with_context(|| format!("line {number} of {} is damaged", path.display()))?;
        memory.take(entry).with_context(|| format!("line {number} of {} is wrong", path.display()))?;
        whole += u64::try_from(length)?;
    }
    Ok((memory, whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::{
        entry::{Event, Line},
        purchase::Stage,
    };

    #[test]
    fn what_was_written_is_recalled_and_a_torn_line_is_not() {
        let data = tempfile::tempdir().unwrap();
        let lines = vec![Line("variants/a".into(), 2, 150)];
        let event = Event::CreateCart { household: 5, request_id: "r".into(), lines: lines.clone() };
        let torn = Entry::Basket { basket: 70, event: Event::CartCreated { cart: "carts/c".into() } };
        let path = Journal::place(data.path());
        {
            let (journal, memory) = Journal::open(data.path()).unwrap();
            assert_eq!(memory.run, None);
            journal.write(&Entry::Opened { run: 7 }).unwrap();
            journal.write(&Entry::Basket { basket: 70, event }).unwrap();
            assert!(Journal::open(data.path()).unwrap_err().to_string().contains("another replay"));
            let mut file = File::options().append(true).open(&path).unwrap();
            file.write_all(&serde_json::to_vec(&torn).unwrap()[..20]).unwrap();
        }
        let (journal, memory) = Journal::open(data.path()).unwrap();
        assert_eq!((memory.run, memory.purchases[&70].stage.clone()), (Some(7), Stage::Opening));
        assert_eq!(memory.purchases[&70].lines, lines);
        journal.write(&torn).unwrap();
        assert_eq!(journal.recall().unwrap().purchases[&70].stage, Stage::Carted);
        drop(journal);
        fs::write(&path, "{\"entry\":\"opened\",\"run\":7}\nnonsense\n").unwrap();
        assert!(Journal::open(data.path()).unwrap_err().to_string().contains("line 2"));
        fs::write(&path, "{\"entry\":\"basket\",\"basket\":70,\"event\":\"shipped\"}\n").unwrap();
        let wrong = format!("{:#}", Journal::open(data.path()).unwrap_err());
        assert!(wrong.contains("line 1 of") && wrong.contains("Shipped cannot follow New"), "{wrong}");
    }
}
