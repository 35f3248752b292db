//! The memory of the process, and what the system has left for it.
//!
//! Own code: none of our dependencies asks the system for it, and the crates that do (`sysinfo`, `procfs`) bring far more than
//! the four small files that are read here. Where the system has no such files nothing is known.

use std::fs;
use std::path::Path;

/// The bytes that the process holds now.
pub fn resident() -> Option<u64> {
    field(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// The most bytes that the process has held so far.
pub fn peak() -> Option<u64> {
    field(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// The bytes that the process can still get: what the system has left, or its control groups (those of a container) allow.
pub fn available() -> Option<u64> {
    let system = fs::read_to_string("/proc/meminfo").ok();
    let groups = fs::read_to_string("/proc/self/cgroup").ok();
    let of_system = system.and_then(|text| field(&text, "MemAvailable:"));
    let of_groups = groups.and_then(|text| left_in_groups(&text, Path::new("/sys/fs/cgroup")));
    of_system.into_iter().chain(of_groups).min()
}

/// The bytes in a field of a file of `/proc`, which writes them as `NAME: 12 kB`.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The bytes that these control groups have left, as `/proc/self/cgroup` names them; `root` is the folder of all groups.
fn left_in_groups(groups: &str, root: &Path) -> Option<u64> {
    let number = |path: &Path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let mut least = None::<u64>;
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let (root, limit, used) = match controllers {
            "" => (root.to_owned(), "memory.max", "memory.current"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                (root.join("memory"), "memory.limit_in_bytes", "memory.usage_in_bytes")
            }
            _ => continue,
        };
        // A limit of an outer group holds for the inner ones.
        for group in Path::new(path.trim_start_matches('/')).ancestors() {
            let folder = root.join(group);
            let limit = number(&folder.join(limit));
            let left = limit.map(|limit| limit.saturating_sub(number(&folder.join(used)).unwrap_or_default()));
            least = least.into_iter().chain(left).min();
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_sizes_in_bytes() {
        let text = "Name:\tpassmuster\nVmHWM:\t   2048 kB\nVmRSS:\t    12 kB\nVmSwap:\t 1 MB\n";
        assert_eq!(field(text, "VmRSS:"), Some(12 << 10));
        assert_eq!(field(text, "VmHWM:"), Some(2 << 20));
        assert_eq!(field(text, "VmSwap:"), None, "another unit");
        assert_eq!(field(text, "MemAvailable:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_holds_memory_and_there_is_more() {
        let (now, most) = (resident().expect("the system says it"), peak().expect("the system says it"));
        assert!(now > 1 << 20 && most >= now / 2, "{now} {most}");
        assert!(available().is_some_and(|left| left > 0));
    }

    #[test]
    fn the_tightest_group_decides() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("outer/inner/memory.max", "5000\n");
        write("outer/memory.max", "3000\n");
        write("outer/memory.current", "1000\n");
        assert_eq!(left_in_groups("0::/outer/inner\n", root.path()), Some(2000));
        write("outer/inner/memory.max", "max\n");
        assert_eq!(left_in_groups("0::/outer/inner\n", root.path()), Some(2000), "no limit of its own");
        write("memory/older/memory.limit_in_bytes", "700");
        write("memory/older/memory.usage_in_bytes", "900");
        let both = "0::/outer/inner\n4:cpu:/older\n3:memory,cpuset:/older\n";
        assert_eq!(left_in_groups(both, root.path()), Some(0), "more is used than is allowed");
        assert_eq!(left_in_groups("4:cpu:/older\nnonsense\n", root.path()), None);
    }
}
