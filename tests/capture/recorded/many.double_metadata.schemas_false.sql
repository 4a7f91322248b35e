-- before the connector starts

drop table if exists zeros cascade; drop table if exists wide cascade; drop table if exists pkorder cascade; drop table if exists nokey cascade; drop table if exists arrays cascade;  drop type if exists mood cascade;
create type mood as enum ('sad','ok','happy'); 
create table zeros(id bigint primary key, b bool not null, i2 int2 not null, i4 int4 not null, i8 int8 not null, f4 float4 not null, f8 float8 not null, t text not null, vc varchar(10) not null, bin bytea not null, d date not null, tm time not null, tm3 time(3) not null, tmtz timetz not null, ts timestamp not null, ts3 timestamp(3) not null, tstz timestamptz not null, iv interval not null, u uuid not null, j json not null, jb jsonb not null, x xml not null, ip inet not null, n numeric not null, n92 numeric(9,2) not null, mo money not null, o oid not null, bi1 bit(1) not null, bi5 bit(5) not null, vb varbit(20) not null, m mood not null, ia int4[] not null, ta text[] not null, r int4range not null, pt point not null);
create table wide(id int primary key, a int default 5, b int not null default 7, c text default 'x''y', d timestamptz not null default now(), e timestamptz default now(), f numeric(10,4) default 1.5, g bool default true, h date default '2024-01-01', i timestamp not null default '2024-01-01 10:00:00', j int not null default (1+2), k float8 default -1.5, l varchar(5) not null default 'abc', m interval default '1 day', n bigserial, o uuid not null default gen_random_uuid(), p jsonb default '{}', q numeric default 2.50, r text not null default upper('q'), s numeric(6,2) not null default 0.0, t time default '10:00', u date not null default current_date, tz0 timestamptz(0), tz3 timestamptz(3), ts0 timestamp(0), vb varbit, vb8 bit varying(8), b8 bit(8), ch "char", cit tsvector, x int8range, xi xid, pl pg_lsn, jp jsonpath, m8 macaddr8);
create table pkorder(a int, b text, c int, v int, primary key (b, a));
create table nokey(a int, b text); alter table nokey replica identity full;
create table arrays(id int primary key, a2 int2[], a8 int8[], af4 float4[], af8 float8[], ab bool[], an numeric[], an2 numeric(6,2)[], av varchar(5)[], ac char(3)[], ad date[], ats timestamp[], atz timestamptz[], atm time[], atmz timetz[], ai interval[], au uuid[], aj json[], ajb jsonb[], aip inet[], amac macaddr[], am money[], aby bytea[], aen mood[], apt point[], ar int4range[], axml xml[], ao oid[], amd int[][], acid cidr[]);

drop table if exists toasty cascade; drop table if exists toastfull cascade; drop table if exists byindex cascade; drop table if exists uq cascade;
create table toasty(id int primary key, n int, a text, b bytea, c jsonb, d int4[], e text[], f xml, g int8[], h varchar(9000) not null default '', u uuid[], k json, i2 int2[], num numeric[]);
create table toastfull(id int primary key, n int, a text, b bytea); alter table toastfull replica identity full;
create table byindex(id int primary key, code text not null, v int); create unique index byindex_code on byindex(code); alter table byindex replica identity using index byindex_code;
create table uq(a int not null unique, b text); alter table uq replica identity full;
alter table toasty set (toast_tuple_target=128); alter table toasty alter a set storage external; alter table toasty alter b set storage external; alter table toasty alter c set storage external; alter table toasty alter d set storage external; alter table toasty alter e set storage external; alter table toasty alter f set storage external; alter table toasty alter g set storage external; alter table toasty alter h set storage external; alter table toasty alter u set storage external; alter table toasty alter k set storage external; alter table toasty alter i2 set storage external; alter table toasty alter num set storage external;
alter table toastfull alter a set storage external; alter table toastfull alter b set storage external;

-- after it streams

insert into zeros values (1,true,1,1,1,1,1,'t','v','\x01','2024-01-01','10:00','10:00','10:00+01','2024-01-01 10:00','2024-01-01 10:00','2024-01-01 10:00+00','1 day','6ba7b810-9dad-11d1-80b4-00c04fd430c8','{}','{}','<a/>','1.2.3.4',1,1,'$1',1,B'1',B'00000',B'00000000010000','ok','{1}','{x}','[1,2)','(1,2)');
update zeros set i4=2 where id=1;
delete from zeros where id=1;
insert into wide(id) values (1);
insert into wide(id,a,c,e,f,g,h,k,m,p,q,t) values (2,null,null,null,null,null,null,null,null,null,null,null);
insert into wide(id,tz0,tz3,ts0,vb,vb8,b8,ch,cit,x,xi,pl,jp,m8) values (3,'2024-03-01 10:00:00+00','2024-03-01 10:00:00.120+00','2024-03-01 10:00:00',B'1',B'0000',B'00000000','c','a b','[1,5)','7','0/1','$.a','08:00:2b:01:02:03:04:05');
delete from wide where id=3;
insert into pkorder values (1,'x',2,3);
update pkorder set v=4 where a=1;
update pkorder set b='y' where a=1;
delete from pkorder where a=1;
insert into nokey values (1,'x');
update nokey set b='y';
delete from nokey;
insert into arrays(id) values (1);
insert into arrays values (2,'{1,NULL,-3}','{9223372036854775807}','{1.5,1e15,NaN}','{0.1,Infinity}','{t,f,NULL}','{1.50,2}','{1.50,2}','{"a,b","NULL",NULL,""}','{ab}','{2024-01-01}','{"2024-01-01 10:00:00.123"}','{"2024-01-01 10:00:00.123+02"}','{10:00:00.5}','{10:00:00+02}','{"1 day 02:00:00"}','{6ba7b810-9dad-11d1-80b4-00c04fd430c8}','{"{\"a\": 1}"}','{"{\"a\": 1}"}','{10.0.0.1/8}','{08:00:2b:01:02:03}','{$1.25}','{"\\x01ff"}','{happy,sad}','{"(1,2)"}','{"[1,5)"}','{<a/>}','{1,4294967295}','{{1,2},{3,4}}','{10.0.0.0/8}');
begin; insert into pkorder values (5,'q',1,1); insert into zeros values (5,true,1,1,1,1,1,'t','v','\x01','2024-01-01','10:00','10:00','10:00+01','2024-01-01 10:00','2024-01-01 10:00','2024-01-01 10:00+00','1 day','6ba7b810-9dad-11d1-80b4-00c04fd430c8','{}','{}','<a/>','1.2.3.4',1,1,'$1',1,B'1',B'00000',B'00000000010000','ok','{1}','{x}','[1,2)','(1,2)'); update pkorder set b='z' where b='q'; delete from pkorder where b='z'; commit;
truncate pkorder, nokey;

insert into toasty values (1,1,repeat('x',300),decode(repeat('00ff',150),'hex'),jsonb_build_object('a',repeat('y',300)),array(select generate_series(1,80)),array(select repeat('z',10) from generate_series(1,30)),xmlparse(content '<a>'||repeat('q',300)||'</a>'),array(select generate_series(1,60)::bigint),repeat('h',300),array(select '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid from generate_series(1,20)),json_build_object('a',repeat('y',300)),array(select generate_series(1,150)::int2),array(select generate_series(1,60)::numeric));
update toasty set n=2;
delete from toasty;
insert into toastfull values (1,1,repeat('x',3000),decode(repeat('00ff',1500),'hex'));
update toastfull set n=2;
update toastfull set n=3, a='short';
delete from toastfull;
insert into byindex values (1,'a',1);
update byindex set v=2;
update byindex set code='b';
update byindex set id=2;
delete from byindex;
insert into uq values (1,'x');
update uq set b='y';
update uq set a=2;
delete from uq;
