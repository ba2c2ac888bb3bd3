/// What is wrong with HTTP handlers, found before anything starts.
enum HTTPChecks {
    static func problems(in plans: [HTTPPlan]) -> [String] {
        plans.flatMap { plan in
            ([plan.path.problem] + plan.options.problems).compactMap { $0 }.map { "\(plan.label): \($0)" }
        } + duplicates(in: plans) { $0.path }
    }

    /// Guards, interceptors, pipes and filters that could not be made.
    static func problems(in plans: [HTTPPlan], dependingOn graph: ApplicationGraph) -> [String] {
        let found = plans.flatMap { plan in
            HandlerChecks.problems(of: plan.enhancers, in: plan.entry.module, dependingOn: graph)
        }
        return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// What comes to light only once the prefix and the paths of probes are known.
    static func problems(in plans: [HTTPPlan], at prefix: RoutePrefix, probes: [RoutePath]) -> [String] {
        let paths = plans.compactMap { plan in
            prefix.path(of: plan.path).problem.map { "\(plan.label): \($0)" }
        }
        return paths + duplicates(in: plans) { prefix.path(of: $0.path) } + prefix.problems(in: plans)
            + problems(of: probes, beside: plans, at: prefix)
    }

    /// A request has one answer.
    private static func duplicates(in plans: [HTTPPlan], at path: (HTTPPlan) -> RoutePath) -> [String] {
        var first: [String: HTTPPlan] = [:]
        var problems: [String] = []
        for plan in plans {
            let path = path(plan)
            let key = "\(plan.method) \(path.shape)"
            if let other = first[key] {
                problems.append(
                    "\(plan.label) and \(other.label) both answer `\(plan.method) \(path)`: a request has one answer")
            } else {
                first[key] = plan
            }
        }
        return problems
    }

    /// A probe answers GET, and goes before routes.
    private static func problems(
        of probes: [RoutePath], beside plans: [HTTPPlan], at prefix: RoutePrefix
    ) -> [String] {
        var seen: Set<String> = []
        return probes.flatMap { probe -> [String] in
            var problems = [probe.problem.map { "health check: \($0)" }].compactMap { $0 }
            if !seen.insert(probe.shape).inserted { problems.append("two health checks both answer `GET \(probe)`") }
            for plan in plans where plan.method == .get || plan.method == .head {
                guard prefix.path(of: plan.path).shape == probe.shape else { continue }
                problems.append("\(plan.label) and a health check both answer `\(plan.method) \(probe)`")
            }
            return problems
        }
    }
}

extension RoutePrefix {
    /// What is excluded and is not there was meant otherwise.
    fileprivate func problems(in plans: [HTTPPlan]) -> [String] {
        let shapes = Set(plans.map(\.path.shape))
        return excluded.filter { !shapes.contains($0.shape) }.map {
            "the prefix `\(text)` excludes `\($0)`, and no handler has this path"
        }
    }
}

extension HTTPHandlerOptions {
    fileprivate var problems: [String?] {
        [
            timeout.flatMap {
                $0 > .zero && $0 <= .seconds(86_400) ? nil : "its timeout must be between zero and a day, not \($0)"
            },
            maxBodySize.flatMap { $0 >= 0 ? nil : "the longest body it takes must not be negative, as \($0) is" },
        ]
    }
}
