-- before the connector starts

drop table if exists finnhub_stocks cascade;
create table finnhub_stocks(id serial primary key, symbol text, price numeric, volume bigint, ts timestamptz);

insert into finnhub_stocks(symbol,price,volume,ts) values
 ('AAPL',179.66,52488692,'2024-03-01 14:30:00.123456+00'),
 ('BINANCE:BTCUSDT',62431.98000000,1,'2024-03-01 14:30:00+00'),
 ('MSFT',415.5,17800308,'2024-03-01 15:30:00.5+01');

-- after it streams

insert into finnhub_stocks(symbol,price,volume,ts) values ('HIPREC',3.14159265358979323846264338327950288419716939937510,1,'2024-03-01 00:00:00+00');
insert into finnhub_stocks(symbol,price,volume,ts) values ('E30',1e30,1,'2024-03-01 00:00:00+00'),('E-30',1e-30,1,'2024-03-01 00:00:00+00'),('TRAIL',10.5000,1,'2024-03-01 00:00:00+00'),('NEGTRAIL',-100.00,1,'2024-03-01 00:00:00+00'),('127',127,1,'2024-03-01 00:00:00+00'),('128',128,1,'2024-03-01 00:00:00+00'),('-128',-128,1,'2024-03-01 00:00:00+00'),('-129',-129,1,'2024-03-01 00:00:00+00'),('255',255,1,'2024-03-01 00:00:00+00'),('256',2.56,1,'2024-03-01 00:00:00+00'),('0.0',0.000,1,'2024-03-01 00:00:00+00');
insert into finnhub_stocks(symbol,price,volume,ts) values ('TSINF',1,1,'infinity'),('TSNINF',1,1,'-infinity'),('BC',1,1,'0044-03-15 12:00:00+00 BC'),('FAR',1,1,'12345-01-01 00:00:00+00');
insert into finnhub_stocks(symbol,price,volume,ts) values ('NAN','NaN',1,'2024-03-01 00:00:00+00');
insert into finnhub_stocks(symbol,price,volume,ts) values ('INF','Infinity',1,'2024-03-01 00:00:00+00'),('NINF','-Infinity',1,'2024-03-01 00:00:00+00');
insert into finnhub_stocks(symbol,price,volume,ts) values ('AFTER',1.25,1,'2024-03-01 00:00:00+00');
