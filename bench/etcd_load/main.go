// etcd_load: the same load as troupe-bench makes, on etcd, through etcd's own Go client. Same
// options, same JSON. Built by ../compare_etcd with Debian's packages of Go and of the client.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/clientv3"
)

type options struct {
	endpoints   []string
	clients     int
	connections int
	seconds     float64
	warmup      float64
	valueBytes  int
	keys        int64
	reads       float64
	leader      bool
}

// window is the time whose answers count.
type window struct {
	from, until time.Time
}

func (w window) counts(now time.Time) bool {
	return !now.Before(w.from) && now.Before(w.until)
}

// measured is what one caller saw; the callers' are merged at the end.
type measured struct {
	latencies []time.Duration
	writes    []time.Time // when each write succeeded
	errors    map[string]int
}

func parse() options {
	var o options
	endpoints := flag.String("endpoints", "127.0.0.1:2379", "host:port,...")
	flag.IntVar(&o.clients, "clients", 64, "callers with one request each")
	flag.IntVar(&o.connections, "connections", 1, "gRPC clients that the callers share")
	flag.Float64Var(&o.seconds, "seconds", 5, "measured time")
	flag.Float64Var(&o.warmup, "warmup", 1, "time before it")
	flag.IntVar(&o.valueBytes, "value-bytes", 256, "size of a value")
	flag.Int64Var(&o.keys, "keys", 10000, "number of keys")
	flag.Float64Var(&o.reads, "reads", 0, "fraction of reads")
	flag.BoolVar(&o.leader, "leader", false, "only to the leader, instead of all nodes in turn")
	flag.String("output", "json", "json")
	flag.Parse()
	o.endpoints = strings.Split(*endpoints, ",")
	return o
}

func connect(endpoints []string) *clientv3.Client {
	c, err := clientv3.New(clientv3.Config{Endpoints: endpoints, DialTimeout: 5 * time.Second})
	if err != nil {
		fail(err)
	}
	return c
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "etcd_load:", err)
	os.Exit(1)
}

// leaders returns the endpoint that leads.
func leaders(endpoints []string) []string {
	c := connect(endpoints)
	defer c.Close()
	for _, endpoint := range endpoints {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		s, err := c.Status(ctx, endpoint)
		cancel()
		if err == nil && s.Header.MemberId == s.Leader {
			return []string{endpoint}
		}
	}
	fail(fmt.Errorf("no endpoint leads"))
	return nil
}

func sampleValue(bytes int) string {
	random := rand.New(rand.NewSource(1))
	value := make([]byte, bytes)
	for i := range value {
		value[i] = byte('!' + random.Intn(94))
	}
	return string(value)
}

// call makes one request and tells whether it was a read.
func call(c *clientv3.Client, o options, random *rand.Rand, value string) (bool, error) {
	key := fmt.Sprintf("bench-%010d", random.Int63n(o.keys))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if o.reads > 0 && random.Float64() < o.reads {
		_, err := c.Get(ctx, key)
		return true, err
	}
	_, err := c.Put(ctx, key, value)
	return false, err
}

// loop makes one request after the other until the time is over.
func loop(c *clientv3.Client, o options, w window, seed int64, value string) measured {
	m := measured{errors: map[string]int{}}
	random := rand.New(rand.NewSource(seed))
	for {
		began := time.Now()
		if !began.Before(w.until) {
			return m
		}
		isRead, err := call(c, o, random, value)
		now := time.Now()
		switch {
		case err == nil && w.counts(now):
			m.latencies = append(m.latencies, now.Sub(began))
			if !isRead {
				m.writes = append(m.writes, now)
			}
		case err != nil:
			if w.counts(now) {
				m.errors[err.Error()]++
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func run(o options) (measured, window) {
	endpoints := o.endpoints
	if o.leader {
		endpoints = leaders(endpoints)
	}
	var clients []*clientv3.Client
	for i := 0; i < o.connections; i++ {
		clients = append(clients, connect(endpoints))
	}
	value := sampleValue(o.valueBytes)
	from := time.Now().Add(time.Duration(o.warmup * float64(time.Second)))
	w := window{from, from.Add(time.Duration(o.seconds * float64(time.Second)))}
	each := make([]measured, o.clients)
	var running sync.WaitGroup
	for i := range each {
		running.Add(1)
		go func(i int) {
			defer running.Done()
			each[i] = loop(clients[i%len(clients)], o, w, int64(i)+1, value)
		}(i)
	}
	running.Wait()
	return merge(each), w
}

func merge(each []measured) measured {
	all := measured{errors: map[string]int{}}
	for _, m := range each {
		all.latencies = append(all.latencies, m.latencies...)
		all.writes = append(all.writes, m.writes...)
		for code, count := range m.errors {
			all.errors[code] += count
		}
	}
	sort.Slice(all.latencies, func(i, j int) bool { return all.latencies[i] < all.latencies[j] })
	sort.Slice(all.writes, func(i, j int) bool { return all.writes[i].Before(all.writes[j]) })
	return all
}

// longestGap is the longest time of the window without a write that succeeded.
func (m measured) longestGap(w window) time.Duration {
	longest, last := time.Duration(0), w.from
	for _, at := range append(m.writes, w.until) {
		if gap := at.Sub(last); gap > longest {
			longest = gap
		}
		last = at
	}
	return longest
}

func (m measured) percentile(fraction float64) float64 {
	if len(m.latencies) == 0 {
		return 0
	}
	at := int(math.Ceil(fraction*float64(len(m.latencies)))) - 1
	if at < 0 {
		at = 0
	}
	return milliseconds(m.latencies[at])
}

func (m measured) mean() float64 {
	if len(m.latencies) == 0 {
		return 0
	}
	var sum time.Duration
	for _, l := range m.latencies {
		sum += l
	}
	return milliseconds(sum) / float64(len(m.latencies))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func main() {
	o := parse()
	m, w := run(o)
	shown := map[string]interface{}{
		"target": "etcd", "clients": o.clients, "connections": o.connections, "seconds": o.seconds,
		"value_bytes": o.valueBytes, "keys": o.keys, "reads": o.reads,
		"operations": len(m.latencies), "per_second": float64(len(m.latencies)) / o.seconds,
		"latency_ms": map[string]float64{"mean": m.mean(), "p50": m.percentile(0.5),
			"p90": m.percentile(0.9), "p99": m.percentile(0.99), "p99.9": m.percentile(0.999),
			"max": m.percentile(1)},
		"errors": m.errors,
	}
	if o.reads < 1 {
		shown["longest_gap_ms"] = milliseconds(m.longestGap(w))
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	out.Encode(shown)
}
