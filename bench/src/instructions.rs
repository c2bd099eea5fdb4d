//! Instructions that a process executes, which hardly vary from run to run. Virtual machines often have no counters for them.

use std::{
    io::{Read, Write},
    process::{Child, Command, Stdio},
};

/// Counts from `begin` to `end`, in user space.
pub struct Count(Option<Child>);

impl Count {
    /// Begins to count with `perf stat`, which counts for as long as a command runs: one that ends when it is told to.
    pub fn begin(pid: u32) -> Self {
        let mut command = Command::new("perf");
        command.args(["stat", "-x", ",", "-e", "instructions:u", "-p", &pid.to_string(), "--", "cat"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut perf = command.spawn().ok();
        if let Some(perf) = &mut perf {
            // What comes back has been through the command: perf counts.
            if let (Some(stdin), Some(stdout)) = (&mut perf.stdin, &mut perf.stdout) {
                let _ = stdin.write_all(b".").and_then(|()| stdout.read_exact(&mut [0]));
            }
        }
        Self(perf)
    }

    /// The count; none where nothing can be counted.
    pub fn end(self) -> Option<u64> {
        // Ends the command's input, and so the command.
        let output = self.0?.wait_with_output().ok()?;
        counted(&String::from_utf8_lossy(&output.stderr))
    }
}

/// The first figure of perf's table.
fn counted(table: &str) -> Option<u64> {
    table.lines().find_map(|line| line.split_once(',')?.0.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read_and_its_lack_is_none() {
        assert_eq!(counted("\n81231,,instructions:u,1001,100.00,,\n"), Some(81_231));
        assert_eq!(counted("<not supported>,,instructions:u,0,100.00,,\n"), None);
        assert_eq!(counted("Error:\nNo permission to enable instructions:u event.\n"), None);
    }

    #[test]
    fn counting_ends_wherever_it_runs() {
        // A figure or none, by the machine.
        let _ = Count::begin(std::process::id()).end();
    }
}
