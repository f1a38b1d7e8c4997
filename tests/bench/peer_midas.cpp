// peer_midas.cpp - the published MIDAS on edges, as its own demo times it: edges stand ready in
// memory. Reads "source,destination,minute" lines, whole numbers, minutes from 1 on.
//
//   g++ -O2 -std=c++11 -I CHECKOUT/src peer_midas.cpp      of github.com/Stream-AD/MIDAS
#include <cstdio>
#include <ctime>
#include <limits> // its headers use it
#include <memory>
#include <vector>

#include "FilteringCore.hpp"
#include "NormalCore.hpp"
#include "RelationalCore.hpp"

struct edge {
    int source, destination, minute;
};

static double now_ns()
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

// The best of some rounds, each from the start.
template <class Make>
static void measure(const char *name, const std::vector<edge> &edges, Make make)
{
    double best = 0;
    float sum = 0; // so that no work can be left out

    for (int i = 0; i < 3; i++) {
        auto core = make();
        const double start = now_ns();
        for (const edge &e : edges)
            sum += (*core)(e.source, e.destination, e.minute);
        const double ns = now_ns() - start;
        best = i == 0 || ns < best ? ns : best;
    }
    std::printf("{\"name\": \"peer MIDAS, %s, an edge\", \"ns_per_event\": %.4g}\n", name,
                best / (double)edges.size());
    std::fprintf(stderr, "%s", sum == 1 ? "." : "");
}

int main()
{
    std::vector<edge> edges;
    edge e;

    while (std::scanf("%d,%d,%d", &e.source, &e.destination, &e.minute) == 3)
        edges.push_back(e);
    if (edges.empty())
        return 1;
    measure("normal core", edges, [] {
        return std::unique_ptr<MIDAS::NormalCore>(new MIDAS::NormalCore(2, 1024));
    });
    measure("relational core", edges, [] {
        return std::unique_ptr<MIDAS::RelationalCore>(new MIDAS::RelationalCore(2, 1024));
    });
    measure("filtering core", edges, [] {
        return std::unique_ptr<MIDAS::FilteringCore>(new MIDAS::FilteringCore(2, 1024, 1e3f));
    });
    return 0;
}
