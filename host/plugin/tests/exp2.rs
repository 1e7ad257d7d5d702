#![allow(warnings)]
use sluss_plugin::capability::ldap::*;
use sluss_test_servers::slapd::*;
use sluss_test_servers::*;
fn at(n:&str,v:&[String])->Attribute{Attribute{name:n.into(),values:v.iter().map(|s|s.as_bytes().to_vec()).collect()}}
fn person(i:usize)->String{format!("uid=u{i},ou=people,{SUFFIX}")}
fn group(i:usize)->String{format!("cn=g{i},ou=groups,{SUFFIX}")}
fn w(dn:String,operation:Operation)->Write{Write{change:1,dn,operation}}
struct Rng(u64); impl Rng{fn n(&mut self,m:usize)->usize{self.0^=self.0<<13;self.0^=self.0>>7;self.0^=self.0<<17;(self.0 % m as u64) as usize}}
#[tokio::test(flavor="multi_thread",worker_threads=2)]
async fn exp(){
  for (overlays,secs) in [(false,60),(true,60)] {
    let mut s=Slapd::start(Options{durable:false,overlays,..Default::default()}).await.unwrap();
    let pw=s.folder().join("pw"); std::fs::write(&pw,"secret").unwrap();
    let cfg:LdapConfig=toml::from_str(&format!("url='{}'\nca='{}'\nbase='{SUFFIX}'\nbind-dn='{ADMIN}'\naccess='write'\ntransactions='auto'\ntimeout=10\npassword={{file='{}'}}",s.tls_url(),s.authority().display(),pw.display())).unwrap();
    let mut l=Ldap::open("d",&cfg).unwrap();
    let mut r=Rng(88172645463325252); let t=std::time::Instant::now(); let mut crashes=0; let mut bad=0; let mut runs=0; let mut hi=0; let mut kinds=std::collections::BTreeMap::new();
    while t.elapsed().as_secs()<secs {
      runs+=1;
      let n=40+r.n(120); let mut ws=vec![]; let mut seen=std::collections::HashSet::new();
      for _ in 0..n {
        let wr=match r.n(10) {
          0..=4 => { let i= if r.n(60)==0 {r.n(hi+1)} else {hi+=1;hi}; w(person(i),Operation::Add(vec![at("objectClass",&["inetOrgPerson".into()]),at("uid",&[format!("u{i}")]),at("cn",&["x".into()]),at("sn",&["y".into()]),at("mail",&[format!("{i}@x")])])) }
          5|6 => { let i=r.n(hi+1); w(person(i),Operation::Modify(vec![Modification{edit:Edit::Replace,attribute:at(["title","l","o","employeeType","departmentNumber"][r.n(5)],&[format!("v{}",r.n(99))])}])) }
          7 => { let i=r.n(20); w(group(i),Operation::Add(vec![at("objectClass",&["groupOfNames".into()]),at("cn",&[format!("g{i}")]),at("member",&[person(r.n(hi+1))])])) }
          _ => { let i=r.n(20); w(group(i),Operation::Modify(vec![Modification{edit:if r.n(3)>0 {Edit::Add} else {Edit::Remove},attribute:at("member",&(0..3).map(|_|person(r.n(hi+1))).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>())}])) }
        };
        if seen.insert(wr.dn.clone()) {ws.push(wr)}
      }
      let o=l.write(ws.clone()).await;
      let mut unk=false;
      for (x,wr) in o.iter().zip(&ws) { let k=match x { Outcome::Done=>"done".to_string(), Outcome::Refused(f)=>format!("refused {:?}",f.code), Outcome::Unknown(_)=>{unk=true;"unknown".into()}}; *kinds.entry(k).or_insert(0)+=1; }
      if unk { crashes+=1; }
      let check=s.dump().await;
      if let Err(e)=&check { bad+=1; println!("BAD after run {runs}: {e:#}"); 
         let _=s.kill(); if s.restart().await.is_err(){println!("cannot restart");break} if let Err(e)=s.dump().await {println!("STILL BAD {e:#}"); break} l=Ldap::open("d",&cfg.clone()).unwrap(); let c2:LdapConfig=toml::from_str(&format!("url='{}'\nca='{}'\nbase='{SUFFIX}'\nbind-dn='{ADMIN}'\naccess='write'\ntransactions='auto'\ntimeout=10\npassword={{file='{}'}}",s.tls_url(),s.authority().display(),pw.display())).unwrap(); l=Ldap::open("d",&c2).unwrap(); }
      if runs%20==0 { s.stop().await.unwrap(); s.restart().await.unwrap(); if let Err(e)=s.dump().await { println!("BAD after restart {e:#}"); bad+=1; break } 
        }
    }
    println!("overlays {overlays} runs {runs} crashes {crashes} bad {bad} {kinds:?} persons {hi}");
  }
}
