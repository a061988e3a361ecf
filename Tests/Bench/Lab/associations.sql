-- Gives a fresh lab's alpha 1,000 accounts under root, each with a limit of 128 CPUs and 19 users: 20,000 associations. Run
-- while slurmdbd is down. Through slurmdbd it would take minutes: it renumbers lft and rgt of the whole tree for each account.
set @now = unix_timestamp();
set @base = (select rgt from alpha_assoc_table where acct = 'root' and user = '');

create temporary table account as
  select seq as number, concat('bench', seq) as name, @base + (seq - 1) * 40 as lft from seq_1_to_1000;
create temporary table member as
  select number, name as account, lft + 2 * seq - 1 as lft,
    if(seq = 1, 'alice', concat('person', (number * 18 + seq) mod 2000)) as user,
    if(seq = 1, number = 1, number * 18 + seq < 2000) as is_def
  from account, seq_1_to_19;

insert into acct_table (creation_time, mod_time, name, description, organization)
  select @now, @now, name, 'bench', 'bench' from account;
insert ignore into user_table (creation_time, mod_time, name) select @now, @now, user from member;
insert into alpha_assoc_table (creation_time, mod_time, acct, parent_acct, lft, rgt, grp_tres)
  select @now, @now, name, 'root', lft, lft + 39, '1=128' from account;
insert into alpha_assoc_table (creation_time, mod_time, is_def, user, acct, lft, rgt)
  select @now, @now, is_def, user, account, lft, lft + 1 from member;
update alpha_assoc_table set rgt = @base + 40000 where acct = 'root' and user = '';
