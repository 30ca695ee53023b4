# make demo   installs what is missing, builds, runs recipes/quickstart.yaml
# make test   installs what is missing, builds, runs every test
# make e2e    runs a whole chain on 1, 2 and 4 ranks, and kills it at random moments: one set of bytes
# make build, make lint
# make bench  measures the library beside PyTorch and TRL; ROWS="sft dpo" chooses (Benchmarks/README.md)

# One set of flags, so that the program and its tests share one build.
FLAGS := -c release -Xswiftc -enable-testing
BUILD_FLAGS :=
PROGRAM := .build/release/zhinao-align
RECIPE := recipes/quickstart.yaml
WORKSPACE := workspace
# Which rows make bench measures, and what else it is told: BENCH_FLAGS=--anyway.
ROWS :=
BENCH_FLAGS :=

.PHONY: demo test e2e build lint bench packages

demo: build
	"$(PROGRAM)" run "$(RECIPE)" --workspace "$(WORKSPACE)"

test: packages
	swift test $(FLAGS)

e2e: build
	Tests/EndToEnd/ranks.sh
	Tests/EndToEnd/kill.sh 5 1
	Tests/EndToEnd/kill.sh 3 2
	Tests/EndToEnd/ranks.sh Tests/EndToEnd/data.yaml 1 2
	Tests/EndToEnd/merge.sh 3 2 10

build: packages
	swift build $(FLAGS) $(BUILD_FLAGS)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests \
	  Benchmarks/Package.swift Benchmarks/Sources

bench: packages
	swift build -c release --package-path Benchmarks
	Benchmarks/.build/release/zhinao-bench $(ROWS) $(BENCH_FLAGS)

packages:
	@.ci/install
