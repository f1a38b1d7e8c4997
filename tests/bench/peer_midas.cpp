// peer_midas.cpp - the published MIDAS on edges, as its own demo times it: edges stand ready in
// memory. Reads "source,destination,minute" lines, whole numbers, minutes from 1 on.
//
//   g++ -O2 -std=c++11 -I CHECKOUT/src peer_midas.cpp      of github.com/Stream-AD/MIDAS
#include <chrono>
#include <cstdio>
#include <vector>

#include "FilteringCore.hpp"
#include "NormalCore.hpp"
#include "RelationalCore.hpp"

struct edge {
    int source, destination, minute;
};

template <class Core>
static void measure(const char *name, const std::vector<edge> &edges, Core &&core)
{
    float sum = 0; // so that no work can be left out
    const auto start = std::chrono::steady_clock::now();
    for (const edge &e : edges)
        sum += core(e.source, e.destination, e.minute);
    const std::chrono::duration<double, std::nano> ns =
        std::chrono::steady_clock::now() - start;
    std::printf("{\"name\": \"peer MIDAS, %s, an edge\", \"ns_per_event\": %.4g}\n", name,
                ns.count() / (double)edges.size());
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
    measure("normal core", edges, MIDAS::NormalCore(2, 1024));
    measure("relational core", edges, MIDAS::RelationalCore(2, 1024));
    measure("filtering core", edges, MIDAS::FilteringCore(2, 1024, 1e3f));
    return 0;
}
