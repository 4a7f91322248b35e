-- before the connector starts

drop table if exists alltypes cascade; drop type if exists mood cascade;
create type mood as enum ('sad','ok','happy');
create table alltypes(id bigint primary key, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, b bool, t text, vc varchar(10), c5 char(5), bin bytea,
 d date, tm time, tm3 time(3), tmtz timetz, ts timestamp, ts3 timestamp(3), tstz timestamptz, iv interval, u uuid, j json, jb jsonb, x xml, ip inet, cid cidr, mac macaddr,
 n numeric, n92 numeric(9,2), n0 numeric(10,0), mo money, o oid, bi1 bit(1), bi5 bit(5), vb varbit(20), m mood, ia int4[], ta text[], r int4range, pt point);

-- after it streams

insert into alltypes values (1, 1,2,3, 1.5,2.25,true,'text','varchar','chr','\x00ff10', '2024-03-01','14:30:00.123456','14:30:00.123','14:30:00.5+02','2024-03-01 14:30:00.123456','2024-03-01 14:30:00.123','2024-03-01 14:30:00.123456+02',
 '1 year 2 mons 3 days 04:05:06.789','6ba7b810-9dad-11d1-80b4-00c04fd430c8','{"a": [1, 2.50, null]}','{"b":1,"a":[true]}','<a>1</a>','10.1.2.3/24','10.0.0.0/8','08:00:2b:01:02:03',
 123.4500,1234567.89,42,'$1,234.56',26,B'1',B'10110',B'1011','happy','{1,2,null,4}','{"a","b,c",null,"q\"q"}','[1,10)','(1.5,-2)');
insert into alltypes(id) values (2);
insert into alltypes(id,i2,i4,i8,f4,f8,b) values (3,-32768,-2147483648,-9223372036854775808,1e-30,1e300,false),(4,32767,2147483647,9223372036854775807,3.4028235e38,0.1,false),(5,0,0,0,0.1,-0.0,null);
insert into alltypes(id,d,tm,ts,tstz,iv) values (6,'1582-10-15','00:00:00','1582-10-15 00:00:00','1582-10-15 00:00:00+00','-1 mons +2 days -00:00:01'),(7,'9999-12-31','23:59:59.999999','9999-12-31 23:59:59.999999','9999-12-31 23:59:59.999999+00','00:00:00'),(8,'1969-12-31','24:00:00','1969-12-31 23:59:59.999999','1969-12-31 23:59:59.999999+00','178000000 years');
insert into alltypes(id,t) select 9, string_agg(md5(g::text),'') from generate_series(1,400) g;
update alltypes set i4=99 where id=9;
update alltypes set i4=100, t='now short' where id=9;
delete from alltypes where id=3;
insert into alltypes(id,f4,f8) values (10,'NaN','Infinity'),(11,'-Infinity','NaN'),(12,1e15,123456789.123456789),(13,16777216,9007199254740993);
insert into alltypes(id,t,vc,bin,ia,ta,bi1,vb) values (14,'','','','{}','{}',B'0',B'');
insert into alltypes(id,d,ts,ts3) values (15,'infinity','infinity','infinity'),(16,'-infinity','-infinity','-infinity'),(17,'0044-03-15 BC','0044-03-15 12:00:00 BC','2024-03-01 14:30:00.9996');
insert into alltypes(id,n,n92,n0,mo) values (18,'NaN','NaN',-1,'-$0.01'),(19,100,100,100,'$0.00');
