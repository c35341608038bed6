-- The questions of NEXMark (https://github.com/nexmark/nexmark) that are about bids alone, as one
-- answer about all bids: windows are of the bids' own time, and none is late. bench/README.md says
-- what differs. seconds(t) is whole seconds since 1970, instant(s) the way
-- back, and `hops` has the beginnings of the windows that a bid is in.

-- q1
select count(*) as bids, sum(0.908 * price) as euros from bids;

-- q2
select auction, price from bids where auction % 123 = 0;

-- q5
select instant(start) as window_start, auction, num
from (select start, auction, num,
             row_number() over (partition by start order by num desc, auction) as place
      from (select start, auction, count(*) as num
            from (select seconds(dateTime) - seconds(dateTime) % 2 - back as start, auction
                  from bids cross join hops) as slid
            group by start, auction) as counted) as ranked
where place = 1;

-- q7
select instant(start) as window_start, price, auction, bidder
from (select seconds(dateTime) - seconds(dateTime) % 10 as start, price, auction, bidder,
             row_number() over (partition by seconds(dateTime) - seconds(dateTime) % 10
                                order by price desc) as place
      from bids) as ranked
where place = 1;

-- q11
select instant_ms(min(t)) as window_start, bidder, count(*) as bids
from (select bidder, t, sum(fresh) over (partition by bidder order by t, fresh desc
                                         rows unbounded preceding) as session
      from (select bidder, milliseconds(dateTime) as t,
                   case when milliseconds(dateTime) - lag(milliseconds(dateTime), 1, 0)
                             over (partition by bidder order by dateTime) > 10000
                        then 1 else 0 end as fresh
            from bids) as marked) as numbered
group by bidder, session;

-- q12
select instant(seconds(dateTime) - seconds(dateTime) % 10) as window_start, bidder,
       count(*) as bids
from bids group by window_start, bidder;

-- q14
select case when hour(dateTime) between 8 and 18 then 'dayTime'
            when hour(dateTime) <= 6 or hour(dateTime) >= 20 then 'nightTime'
            else 'otherTime' end as bidTimeType,
       count(*) as bids, sum(0.908 * price) as euros,
       sum(length(extra) - length(replace(extra, 'c', ''))) as c_counts
from bids where 0.908 * price > 1000000 and 0.908 * price < 50000000 group by bidTimeType;

-- q15
select date_of(dateTime) as day, count(*) as total_bids,
       count(*) filter (where price < 10000) as rank1_bids,
       count(*) filter (where price >= 10000 and price < 1000000) as rank2_bids,
       count(*) filter (where price >= 1000000) as rank3_bids,
       count(distinct bidder) as total_bidders,
       count(distinct bidder) filter (where price < 10000) as rank1_bidders,
       count(distinct bidder) filter (where price >= 10000 and price < 1000000) as rank2_bidders,
       count(distinct bidder) filter (where price >= 1000000) as rank3_bidders,
       count(distinct auction) as total_auctions,
       count(distinct auction) filter (where price < 10000) as rank1_auctions,
       count(distinct auction) filter (where price >= 10000 and price < 1000000) as rank2_auctions,
       count(distinct auction) filter (where price >= 1000000) as rank3_auctions
from bids group by day;

-- q16
select channel, date_of(dateTime) as day, max(clock_of(dateTime)) as minute, count(*) as total_bids,
       count(*) filter (where price < 10000) as rank1_bids,
       count(*) filter (where price >= 10000 and price < 1000000) as rank2_bids,
       count(*) filter (where price >= 1000000) as rank3_bids,
       count(distinct bidder) as total_bidders,
       count(distinct bidder) filter (where price < 10000) as rank1_bidders,
       count(distinct bidder) filter (where price >= 10000 and price < 1000000) as rank2_bidders,
       count(distinct bidder) filter (where price >= 1000000) as rank3_bidders,
       count(distinct auction) as total_auctions,
       count(distinct auction) filter (where price < 10000) as rank1_auctions,
       count(distinct auction) filter (where price >= 10000 and price < 1000000) as rank2_auctions,
       count(distinct auction) filter (where price >= 1000000) as rank3_auctions
from bids group by channel, day;

-- q17
select auction, date_of(dateTime) as day, count(*) as total_bids,
       count(*) filter (where price < 10000) as rank1_bids,
       count(*) filter (where price >= 10000 and price < 1000000) as rank2_bids,
       count(*) filter (where price >= 1000000) as rank3_bids,
       min(price) as min_price, max(price) as max_price, avg(price) as avg_price,
       sum(price) as sum_price
from bids group by auction, day;

-- q18
select bidder, auction, dateTime, price, channel, url, extra
from (select *, row_number() over (partition by bidder, auction order by dateTime desc) as place
      from bids) as ranked
where place = 1;

-- q19
select auction, price
from (select auction, price,
             row_number() over (partition by auction order by price desc) as place
      from bids) as ranked
where place <= 10;
