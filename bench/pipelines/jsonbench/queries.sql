-- The questions of JSONBench (https://github.com/ClickHouse/JSONBench). Times are as they are in the
-- events: microseconds since 1970.

-- q1
select collection, count(*) as c from events group by collection order by c desc;

-- q2
select collection, count(*) as c, count(distinct did) as users from events
where kind = 'commit' and operation = 'create'
group by collection order by c desc;

-- q3
select collection, hour_of(time_us) as hour, count(*) as c from events
where kind = 'commit' and operation = 'create'
      and collection in ('app.bsky.feed.post', 'app.bsky.feed.repost', 'app.bsky.feed.like')
group by collection, hour order by hour, collection;

-- q4
select did, min(time_us) as first_post from events
where kind = 'commit' and operation = 'create' and collection = 'app.bsky.feed.post'
group by did order by first_post limit 3;

-- q5
select did, (max(time_us) - min(time_us)) / 1000.0 as activity from events
where kind = 'commit' and operation = 'create' and collection = 'app.bsky.feed.post'
group by did order by activity desc limit 3;
