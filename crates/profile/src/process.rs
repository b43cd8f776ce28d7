//! Which process a batch is of.

use crate::{AttributeSetId, AttributeValue, Batch, base_name};

const PROCESS: &str = "process";
const PROCESS_ID: &str = "process_id";

impl Batch {
    /// Name of the process that all profiles say they are of (label `process`); empty where they name none or several.
    #[must_use]
    pub fn process_name(&self) -> &str {
        let mut names = self.profiles.iter().map(|entry| entry.label(PROCESS));
        let first = names.next().flatten();
        first.filter(|_| names.all(|name| name == first)).unwrap_or("")
    }

    /// Base name of the main binary: the first mapping that is a program and neither a library nor the kernel. Empty where there is
    /// none, and where the samples are of several processes, of which none is the main one.
    #[must_use]
    pub fn main_binary(&self) -> &str {
        if self.has_samples_of_several_processes() {
            return "";
        }
        let mut names = self.symbols.mappings.iter().map(|mapping| base_name(self.symbols.text(mapping.file)));
        names.find(|name| is_program(name)).unwrap_or("")
    }

    fn has_samples_of_several_processes(&self) -> bool {
        let mut first = None;
        (0..self.attributes.len()).any(|set| {
            let set = self.attributes.get(AttributeSetId(set as u32));
            let id = set.iter().find_map(|attribute| match attribute.value {
                AttributeValue::Text(id) if self.symbols.text(attribute.key) == PROCESS_ID => Some(id),
                _ => None,
            });
            id.is_some_and(|id| *first.get_or_insert(id) != id)
        })
    }
}

/// False for shared libraries (`libc.so.6`, `x.dylib`, `y.dll`), for what the kernel maps (`[vdso]`), and for perf's maps of generated code.
fn is_program(name: &str) -> bool {
    let is_library =
        name.ends_with(".so") || name.contains(".so.") || name.ends_with(".dylib") || name.ends_with(".dll");
    let is_map = name.starts_with("perf-") && name.ends_with(".map");
    !(name.is_empty() || name.starts_with('[') || name.starts_with("//") || is_library || is_map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attribute, Mapping, ProfileEntry};

    fn mapped(files: &[&str]) -> Batch {
        let mut batch = Batch::default();
        for path in files {
            let file = batch.symbols.strings.intern(path);
            batch.symbols.mappings.push(Mapping { file, ..Mapping::default() });
        }
        batch
    }

    fn of_processes(names: &[Option<&str>]) -> Batch {
        let labels = |name: &Option<&str>| name.iter().map(|name| (PROCESS.to_owned(), (*name).to_owned())).collect();
        let profiles =
            names.iter().map(|name| ProfileEntry { labels: labels(name), ..ProfileEntry::default() }).collect();
        Batch { profiles, ..Batch::default() }
    }

    #[test]
    fn the_main_binary_is_the_first_program() {
        for (files, name) in [
            (&["/usr/bin/checkoutd", "/lib/libc.so.6"][..], "checkoutd"),
            (&["/lib/libstdc++.so.6.0.30", "[kernel.kallsyms]_text", "[vdso]", "/srv/threads"], "threads"),
            (&["/tmp/perf-4711.map", "libssl.so", "x.dylib", "C:\\x\\y.dll", "C:\\x\\shop.exe"], "shop.exe"),
            (&["/usr/bin/python3.11"], "python3.11"),
            (&["/lib/libc.so.6", ""], ""),
            (&[], ""),
        ] {
            assert_eq!(mapped(files).main_binary(), name, "{files:?}");
        }
    }

    #[test]
    fn several_processes_have_no_main_binary() {
        let mut batch = mapped(&["/usr/bin/env", "/bin/cc1"]);
        let key = batch.symbols.strings.intern(PROCESS_ID);
        for (id, name) in [("1", "env"), ("1", "env"), ("2", "")] {
            let value = AttributeValue::Text(batch.symbols.strings.intern(id));
            batch.attributes.intern(&mut [Attribute { key, value }]);
            assert_eq!(batch.main_binary(), name);
        }
    }

    #[test]
    fn a_process_that_all_profiles_name_is_that_of_the_batch() {
        assert_eq!(of_processes(&[Some("shop"), Some("shop")]).process_name(), "shop");
        for none in [&[][..], &[None], &[Some("shop"), None], &[None, Some("shop")], &[Some("shop"), Some("mail")]] {
            assert_eq!(of_processes(none).process_name(), "", "{none:?}");
        }
    }
}
