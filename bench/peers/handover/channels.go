// channels N: a goroutine for each aggregate, and the numbers below N through an unbuffered channel
// to each.
package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"sync"
)

func main() {
	n, err := strconv.ParseInt(os.Args[1], 10, 64)
	if err != nil {
		panic(err)
	}
	toSum, toMax := make(chan int64), make(chan int64)
	sum, max := int64(0), int64(math.MinInt64)

	var both sync.WaitGroup
	both.Add(2)
	go func() {
		for value := range toSum {
			sum += value
		}
		both.Done()
	}()
	go func() {
		for value := range toMax {
			if value > max {
				max = value
			}
		}
		both.Done()
	}()
	for i := int64(0); i < n; i++ {
		toSum <- i
		toMax <- i
	}
	close(toSum)
	close(toMax)
	both.Wait()
	fmt.Printf("sum,max\n%d,%d\n", sum, max)
}
