//! What the kernel says about a process (proc(5)).

use std::{fs, time::Duration};

use anyhow::Context;

/// Clock ticks a second; fixed for user space on Linux (`USER_HZ`).
const TICKS: f64 = 100.0;

/// CPU time of a process so far, user and system.
pub fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let stat = read(pid, "stat")?;
    // The command, in parentheses, may hold spaces.
    let rest = stat.rsplit_once(')').context("no command in /proc/.../stat")?.1;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |index: usize| -> anyhow::Result<f64> { Ok(fields[index].parse()?) };
    Ok(Duration::from_secs_f64((ticks(11)? + ticks(12)?) / TICKS))
}

/// Resident memory, MiB: now and at most.
pub fn memory(pid: u32) -> anyhow::Result<(f64, f64)> {
    let status = read(pid, "status")?;
    let field = |name: &str| -> anyhow::Result<f64> {
        let line =
            status.lines().find(|line| line.starts_with(name)).with_context(|| format!("no {name}"))?;
        let kib: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(kib / 1024.0)
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

fn read(pid: u32, file: &str) -> anyhow::Result<String> {
    fs::read_to_string(format!("/proc/{pid}/{file}")).with_context(|| format!("process {pid} has ended"))
}
