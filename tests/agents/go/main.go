// Burns processor time and memory for a while under the agent of Pyroscope.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/grafana/pyroscope-go"
)

var kept [][]byte

//go:noinline
func hash(rounds int) uint64 {
	sum := uint64(1469598103934665603)
	for at := 0; at < rounds; at++ {
		sum = (sum ^ uint64(at)) * 1099511628211
	}
	return sum
}

func main() {
	profiler, err := pyroscope.Start(pyroscope.Config{
		ApplicationName: "agent.go",
		ServerAddress:   os.Args[1],
		UploadRate:      time.Second,
		Tags:            map[string]string{"region": "eu"},
		ProfileTypes: []pyroscope.ProfileType{
			pyroscope.ProfileCPU, pyroscope.ProfileAllocSpace, pyroscope.ProfileInuseSpace, pyroscope.ProfileGoroutines,
		},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sum := uint64(0)
	pyroscope.TagWrapper(context.Background(), pyroscope.Labels("endpoint", "/checkout"), func(context.Context) {
		for end := time.Now().Add(4 * time.Second); time.Now().Before(end); {
			sum += hash(200_000)
			kept = append(kept, make([]byte, 4096))
		}
	})
	fmt.Println(sum, len(kept), profiler.Stop())
}
