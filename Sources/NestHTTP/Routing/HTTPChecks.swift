/// What is wrong with HTTP handlers, found before anything starts.
enum HTTPChecks {
    static func problems(in plans: [HTTPPlan]) -> [String] {
        plans.compactMap { plan in plan.path.problem.map { "\(plan.label): \($0)" } } + duplicates(in: plans)
    }

    /// Guards, interceptors, pipes and filters that could not be made.
    static func problems(in plans: [HTTPPlan], dependingOn graph: ApplicationGraph) -> [String] {
        let found = plans.flatMap { plan in
            HandlerChecks.problems(of: plan.enhancers, in: plan.entry.module, dependingOn: graph)
        }
        return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// A request has one answer.
    private static func duplicates(in plans: [HTTPPlan]) -> [String] {
        var first: [String: HTTPPlan] = [:]
        var problems: [String] = []
        for plan in plans {
            let key = "\(plan.method) \(plan.path.shape)"
            if let other = first[key] {
                problems.append(
                    "\(plan.label) and \(other.label) both answer `\(plan.method) \(plan.path)`: a request has one answer"
                )
            } else {
                first[key] = plan
            }
        }
        return problems
    }
}
