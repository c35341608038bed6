-- The questions of ClickBench (https://github.com/ClickHouse/ClickBench), numbered as there. What is
-- selected has the names of fanoutd's columns; bench/peers/public.js writes the few functions that
-- are called otherwise elsewhere.

-- q00
select count(*) as c from hits;

-- q01
select count(*) as c from hits where AdvEngineID <> 0;

-- q02
select sum(AdvEngineID) as adv, count(*) as c, avg(ResolutionWidth) as width from hits;

-- q03
select avg(UserID) as mean from hits;

-- q04
select count(distinct UserID) as u from hits;

-- q05
select count(distinct SearchPhrase) as phrases from hits;

-- q06
select min(EventDate) as first, max(EventDate) as last from hits;

-- q07
select AdvEngineID, count(*) as c from hits where AdvEngineID <> 0
group by AdvEngineID order by c desc;

-- q08
select RegionID, count(distinct UserID) as u from hits
group by RegionID order by u desc limit 10;

-- q09
select RegionID, sum(AdvEngineID) as adv, count(*) as c, avg(ResolutionWidth) as width,
       count(distinct UserID) as u
from hits group by RegionID order by c desc limit 10;

-- q10
select MobilePhoneModel, count(distinct UserID) as u from hits where MobilePhoneModel <> ''
group by MobilePhoneModel order by u desc limit 10;

-- q11
select MobilePhone, MobilePhoneModel, count(distinct UserID) as u from hits
where MobilePhoneModel <> ''
group by MobilePhone, MobilePhoneModel order by u desc limit 10;

-- q12
select SearchPhrase, count(*) as c from hits where SearchPhrase <> ''
group by SearchPhrase order by c desc limit 10;

-- q13
select SearchPhrase, count(distinct UserID) as u from hits where SearchPhrase <> ''
group by SearchPhrase order by u desc limit 10;

-- q14
select SearchEngineID, SearchPhrase, count(*) as c from hits where SearchPhrase <> ''
group by SearchEngineID, SearchPhrase order by c desc limit 10;

-- q15
select UserID, count(*) as c from hits group by UserID order by c desc limit 10;

-- q16
select UserID, SearchPhrase, count(*) as c from hits
group by UserID, SearchPhrase order by c desc limit 10;

-- q17
select UserID, SearchPhrase, count(*) as c from hits group by UserID, SearchPhrase limit 10;

-- q18
select UserID, extract(minute from EventTime) as m, SearchPhrase, count(*) as c from hits
group by UserID, m, SearchPhrase order by c desc limit 10;

-- q19
select UserID from hits where UserID = 435090932899640449;

-- q20
select count(*) as c from hits where URL like '%google%';

-- q21
select SearchPhrase, min(URL) as url, count(*) as c from hits
where URL like '%google%' and SearchPhrase <> ''
group by SearchPhrase order by c desc limit 10;

-- q22
select SearchPhrase, min(URL) as url, min(Title) as title, count(*) as c,
       count(distinct UserID) as u
from hits where Title like '%Google%' and URL not like '%.google.%' and SearchPhrase <> ''
group by SearchPhrase order by c desc limit 10;

-- q23
select * from hits where URL like '%google%' order by EventTime limit 10;

-- q24
select SearchPhrase from hits where SearchPhrase <> '' order by EventTime limit 10;

-- q25
select SearchPhrase from hits where SearchPhrase <> '' order by SearchPhrase limit 10;

-- q26
select SearchPhrase from hits where SearchPhrase <> '' order by EventTime, SearchPhrase limit 10;

-- q27
select CounterID, avg(length(URL)) as l, count(*) as c from hits where URL <> ''
group by CounterID having count(*) > 100000 order by l desc limit 25;

-- q28
select regexp_replace(Referer, '^https?://(?:www\.)?([^/]+)/.*$', '\1') as k,
       avg(length(Referer)) as l, count(*) as c, min(Referer) as example
from hits where Referer <> ''
group by k having count(*) > 100000 order by l desc limit 25;

-- q29
select sum(ResolutionWidth) as s0, sum(ResolutionWidth + 1) as s1, sum(ResolutionWidth + 2) as s2,
       sum(ResolutionWidth + 3) as s3, sum(ResolutionWidth + 4) as s4, sum(ResolutionWidth + 5) as s5,
       sum(ResolutionWidth + 6) as s6, sum(ResolutionWidth + 7) as s7, sum(ResolutionWidth + 8) as s8,
       sum(ResolutionWidth + 9) as s9, sum(ResolutionWidth + 10) as s10, sum(ResolutionWidth + 11) as s11,
       sum(ResolutionWidth + 12) as s12, sum(ResolutionWidth + 13) as s13, sum(ResolutionWidth + 14) as s14,
       sum(ResolutionWidth + 15) as s15, sum(ResolutionWidth + 16) as s16, sum(ResolutionWidth + 17) as s17,
       sum(ResolutionWidth + 18) as s18, sum(ResolutionWidth + 19) as s19, sum(ResolutionWidth + 20) as s20,
       sum(ResolutionWidth + 21) as s21, sum(ResolutionWidth + 22) as s22, sum(ResolutionWidth + 23) as s23,
       sum(ResolutionWidth + 24) as s24, sum(ResolutionWidth + 25) as s25, sum(ResolutionWidth + 26) as s26,
       sum(ResolutionWidth + 27) as s27, sum(ResolutionWidth + 28) as s28, sum(ResolutionWidth + 29) as s29,
       sum(ResolutionWidth + 30) as s30, sum(ResolutionWidth + 31) as s31, sum(ResolutionWidth + 32) as s32,
       sum(ResolutionWidth + 33) as s33, sum(ResolutionWidth + 34) as s34, sum(ResolutionWidth + 35) as s35,
       sum(ResolutionWidth + 36) as s36, sum(ResolutionWidth + 37) as s37, sum(ResolutionWidth + 38) as s38,
       sum(ResolutionWidth + 39) as s39, sum(ResolutionWidth + 40) as s40, sum(ResolutionWidth + 41) as s41,
       sum(ResolutionWidth + 42) as s42, sum(ResolutionWidth + 43) as s43, sum(ResolutionWidth + 44) as s44,
       sum(ResolutionWidth + 45) as s45, sum(ResolutionWidth + 46) as s46, sum(ResolutionWidth + 47) as s47,
       sum(ResolutionWidth + 48) as s48, sum(ResolutionWidth + 49) as s49, sum(ResolutionWidth + 50) as s50,
       sum(ResolutionWidth + 51) as s51, sum(ResolutionWidth + 52) as s52, sum(ResolutionWidth + 53) as s53,
       sum(ResolutionWidth + 54) as s54, sum(ResolutionWidth + 55) as s55, sum(ResolutionWidth + 56) as s56,
       sum(ResolutionWidth + 57) as s57, sum(ResolutionWidth + 58) as s58, sum(ResolutionWidth + 59) as s59,
       sum(ResolutionWidth + 60) as s60, sum(ResolutionWidth + 61) as s61, sum(ResolutionWidth + 62) as s62,
       sum(ResolutionWidth + 63) as s63, sum(ResolutionWidth + 64) as s64, sum(ResolutionWidth + 65) as s65,
       sum(ResolutionWidth + 66) as s66, sum(ResolutionWidth + 67) as s67, sum(ResolutionWidth + 68) as s68,
       sum(ResolutionWidth + 69) as s69, sum(ResolutionWidth + 70) as s70, sum(ResolutionWidth + 71) as s71,
       sum(ResolutionWidth + 72) as s72, sum(ResolutionWidth + 73) as s73, sum(ResolutionWidth + 74) as s74,
       sum(ResolutionWidth + 75) as s75, sum(ResolutionWidth + 76) as s76, sum(ResolutionWidth + 77) as s77,
       sum(ResolutionWidth + 78) as s78, sum(ResolutionWidth + 79) as s79, sum(ResolutionWidth + 80) as s80,
       sum(ResolutionWidth + 81) as s81, sum(ResolutionWidth + 82) as s82, sum(ResolutionWidth + 83) as s83,
       sum(ResolutionWidth + 84) as s84, sum(ResolutionWidth + 85) as s85, sum(ResolutionWidth + 86) as s86,
       sum(ResolutionWidth + 87) as s87, sum(ResolutionWidth + 88) as s88, sum(ResolutionWidth + 89) as s89
from hits;

-- q30
select SearchEngineID, ClientIP, count(*) as c, sum(IsRefresh) as refreshes,
       avg(ResolutionWidth) as width
from hits where SearchPhrase <> ''
group by SearchEngineID, ClientIP order by c desc limit 10;

-- q31
select WatchID, ClientIP, count(*) as c, sum(IsRefresh) as refreshes,
       avg(ResolutionWidth) as width
from hits where SearchPhrase <> ''
group by WatchID, ClientIP order by c desc limit 10;

-- q32
select WatchID, ClientIP, count(*) as c, sum(IsRefresh) as refreshes,
       avg(ResolutionWidth) as width
from hits group by WatchID, ClientIP order by c desc limit 10;

-- q33
select URL, count(*) as c from hits group by URL order by c desc limit 10;

-- q34
select 1 as one, URL, count(*) as c from hits group by one, URL order by c desc limit 10;

-- q35
select ClientIP, ClientIP - 1 as less_1, ClientIP - 2 as less_2, ClientIP - 3 as less_3,
       count(*) as c
from hits group by ClientIP, less_1, less_2, less_3 order by c desc limit 10;

-- q36
select URL, count(*) as views from hits
where CounterID = 62 and EventDate >= '2013-07-01' and EventDate <= '2013-07-31'
      and DontCountHits = 0 and IsRefresh = 0 and URL <> ''
group by URL order by views desc limit 10;

-- q37
select Title, count(*) as views from hits
where CounterID = 62 and EventDate >= '2013-07-01' and EventDate <= '2013-07-31'
      and DontCountHits = 0 and IsRefresh = 0 and Title <> ''
group by Title order by views desc limit 10;

-- q38
select URL, count(*) as views from hits
where CounterID = 62 and EventDate >= '2013-07-01' and EventDate <= '2013-07-31'
      and IsRefresh = 0 and IsLink <> 0 and IsDownload = 0
group by URL order by views desc limit 10 offset 1000;

-- q39
select TraficSourceID, SearchEngineID, AdvEngineID,
       case when SearchEngineID = 0 and AdvEngineID = 0 then Referer else '' end as Src, URL,
       count(*) as views
from hits
where CounterID = 62 and EventDate >= '2013-07-01' and EventDate <= '2013-07-31'
      and IsRefresh = 0
group by TraficSourceID, SearchEngineID, AdvEngineID, Src, URL
order by views desc limit 10 offset 1000;

-- q40
select URLHash, EventDate, count(*) as views from hits
where CounterID = 62 and EventDate >= '2013-07-01' and EventDate <= '2013-07-31'
      and IsRefresh = 0 and TraficSourceID in (-1, 6) and RefererHash = 3594120000172545465
group by URLHash, EventDate order by views desc limit 10 offset 100;

-- q41
select WindowClientWidth, WindowClientHeight, count(*) as views from hits
where CounterID = 62 and EventDate >= '2013-07-01' and EventDate <= '2013-07-31'
      and IsRefresh = 0 and DontCountHits = 0 and URLHash = 2868770270353813622
group by WindowClientWidth, WindowClientHeight order by views desc limit 10 offset 10000;

-- q42
select date_trunc('minute', EventTime) as M, count(*) as views from hits
where CounterID = 62 and EventDate >= '2013-07-14' and EventDate <= '2013-07-15'
      and IsRefresh = 0 and DontCountHits = 0
group by M order by M limit 10 offset 1000;
