//! `checker convert`: each form loads into the tool that it is for, and reads back as the same addresses.

use std::{fs, process::Command};

use anyhow::{Result, ensure};
use harness::{
    checker::Call,
    lists::Lists,
    netns::Namespace,
    process::{Ended, Process},
    require::tool,
};

use crate::transcript::retell;

/// Two labels, an action, exceptions, a hole in a hole, both families.
fn mixed() -> Result<Lists> {
    let lists = Lists::new()?;
    lists.write(
        "one.txt",
        "203.0.113.0/25\n203.0.113.128/25\n198.51.100.7\n198.51.100.64/28\n2001:db8::/32\n",
    )?;
    lists.write("two.txt", "203.0.112.0/22\n192.0.2.0/24\n")?;
    lists.write("lab.txt", "203.0.113.0/26\n192.0.2.0/24\n2001:db8:1::/48\n198.51.100.64/26\n")?;
    lists.write(
        "mixed.toml",
        "[[list]]\npath = \"one.txt\"\nlabel = \"D:5\"\n[[list]]\npath = \"two.txt\"\naction = \"drop\"\n\
         [[list]]\npath = \"lab.txt\"\naction = \"allow\"\n",
    )?;
    Ok(lists)
}

#[test]
fn exceptions_are_taken_out_and_labels_stay_apart() -> Result<()> {
    let transcript = r#"
$ checker convert -l A=one.txt -l B=two.txt
# A (alert)
198.51.100.7/32
198.51.100.64/28
203.0.113.0/24
2001:db8::/32
# B (alert)
192.0.2.0/24
203.0.112.0/22
? 0
$ checker convert --config mixed.toml --to ipset
# D:5 (alert)
create D_5_v4 hash:net family inet maxelem 65536
add D_5_v4 198.51.100.7/32
add D_5_v4 198.51.100.64/28
add D_5_v4 203.0.113.0/24
add D_5_v4 203.0.113.0/26 nomatch
create D_5_v6 hash:net family inet6 maxelem 65536
add D_5_v6 2001:db8::/32
add D_5_v6 2001:db8:1::/48 nomatch
# two (drop)
create two_drop_v4 hash:net family inet maxelem 65536
add two_drop_v4 203.0.112.0/22
add two_drop_v4 203.0.113.0/26 nomatch
create two_drop_v6 hash:net family inet6 maxelem 65536
? 0
$ checker convert -l A=one.txt --to json
[
{"label":"A","action":"alert","prefix":"198.51.100.7/32"},
{"label":"A","action":"alert","prefix":"198.51.100.64/28"},
{"label":"A","action":"alert","prefix":"203.0.113.0/24"},
{"label":"A","action":"alert","prefix":"2001:db8::/32"}
]
? 0
$ checker convert -l B=two.txt --to nft
table inet checker {
	# B (alert)
	set B_v4 {
		type ipv4_addr
		flags interval
		elements = { 192.0.2.0/24,
		             203.0.112.0/22 }
	}
	set B_v6 {
		type ipv6_addr
		flags interval
	}
}
? 0
"#;
    retell(&mixed()?, transcript)
}

#[test]
fn labels_that_one_tool_cannot_tell_apart_are_refused() -> Result<()> {
    let transcript = r"
$ checker convert -l D:5=one.txt -l D_5=two.txt --to nft
! checker: the sets of D:5 and D_5 would both be called D_5_v4; convert them one by one
? 2
$ checker convert -l missing.txt
! checker: missing.txt: cannot be read: No such file or directory (os error 2)
? 2
";
    retell(&mixed()?, transcript)
}

/// The same addresses, by checker's own comparison of both.
#[test]
fn every_form_reads_back_as_the_same_addresses() -> Result<()> {
    let lists = mixed()?;
    for form in ["cidr", "ipset", "nft", "json"] {
        let written = convert(&lists, &["-l", "X=one.txt", "-l", "X=two.txt", "--to", form])?;
        lists.write("written", &written)?;
        let against = ["diff", "X=written", "--against", "X=one.txt", "--against", "X=two.txt"];
        let ended = Call::new(against).in_folder(lists.folder()).run()?.expect(0)?;
        assert!(ended.stdout.starts_with("X: no difference\n"), "{form}: {}", ended.stdout);
    }
    // With exceptions: what is left is what the plain form says.
    lists.write("plain", &convert(&lists, &["--config", "mixed.toml"])?)?;
    for form in ["ipset", "nft", "json"] {
        lists.write("written", &convert(&lists, &["--config", "mixed.toml", "--to", form])?)?;
        let ended =
            Call::new(["diff", "X=written", "--against", "X=plain"]).in_folder(lists.folder()).run()?;
        // A set of its own takes its exceptions with it, but read as one list they take from both.
        if form != "ipset" {
            assert_eq!(ended.expect(0)?.stdout, "X: no difference\n", "{form}");
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs root: a namespace for the sets"]
fn nft_and_ipset_load_it_and_say_the_same_of_every_border() -> Result<()> {
    let (nft, ipset) = (tool("nft")?, tool("ipset")?);
    let lists = mixed()?;
    // All there is, which both tools have their own mind about.
    lists.write("all.txt", "0.0.0.0/0\n::/0\n")?;
    let namespace = Namespace::new("convert")?;
    let run = |program: &std::path::Path, words: &[&str]| -> Result<Ended> {
        let mut command = Command::new(program);
        Process::start(Some(&namespace), command.args(words).current_dir(lists.folder()), None)?.wait()
    };
    let all = ["--config", "mixed.toml", "-l", "ALL=all.txt", "--to"];
    fs::write(lists.folder().join("sets.nft"), convert(&lists, &[&all[..], &["nft"]].concat())?)?;
    fs::write(lists.folder().join("sets.ipset"), convert(&lists, &[&all[..], &["ipset"]].concat())?)?;
    run(&nft, &["-f", "sets.nft"])?.expect(0)?;
    run(&ipset, &["restore", "-file", "sets.ipset"])?.expect(0)?;

    let plain = convert(&lists, &["--config", "mixed.toml"])?;
    lists.write("plain", &plain)?;
    for (sets, label) in [(["D_5_v4", "D_5_v6"], "D:5"), (["two_drop_v4", "two_drop_v6"], "two")] {
        let own = plain.lines().skip_while(|line| !line.starts_with(&format!("# {label} "))).skip(1);
        let own: Vec<ipnet::IpNet> =
            own.take_while(|line| !line.starts_with('#')).map(str::parse).collect::<Result<_, _>>()?;
        for address in borders() {
            let family = usize::from(address.is_ipv6());
            let expected = i32::from(!own.iter().any(|net| net.contains(&address)));
            let address = address.to_string();
            let known = run(&ipset, &["test", sets[family], &address])?;
            ensure!(known.code() == Some(expected), "ipset: {label} {address}: {}", known.stderr);
            let element = format!("{{ {address} }}");
            let known = run(&nft, &["get", "element", "inet", "checker", sets[family], &element])?;
            ensure!(known.code() == Some(expected), "nft: {label} {address}: {}", known.stderr);
        }
    }
    Ok(())
}

/// First and last addresses of the ranges in [`mixed`], and their neighbours.
fn borders() -> Vec<std::net::IpAddr> {
    let text = "198.51.100.6 198.51.100.7 198.51.100.8 198.51.100.64 198.51.100.79 203.0.111.255 203.0.112.0 \
                203.0.112.255 203.0.113.0 203.0.113.63 203.0.113.64 203.0.113.255 203.0.114.0 203.0.115.255 \
                203.0.116.0 192.0.2.1 2001:db8:: 2001:db8:1:: 2001:db8:1:ffff:ffff:ffff:ffff:ffff 2001:db8:2:: \
                2001:db7:ffff:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::";
    text.split_whitespace().map(|address| address.parse().expect("an address")).collect()
}

fn convert(lists: &Lists, words: &[&str]) -> Result<String> {
    let words = ["convert"].iter().chain(words);
    Ok(Call::new(words).in_folder(lists.folder()).run()?.expect(0)?.stdout)
}
