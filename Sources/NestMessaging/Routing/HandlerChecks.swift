/// What is wrong with handlers, found before anything starts.
package enum HandlerChecks {
    /// Faults of the handlers themselves, whatever carries the messages.
    static func problems(in plans: [HandlerPlan]) -> [String] {
        plans.compactMap { plan in plan.pattern.problem.map { "\(plan.label): \($0)" } } + duplicates(in: plans)
    }

    /// Asks of the handlers and the options that a transport, as configured, cannot fulfil.
    static func problems(
        in plans: [HandlerPlan], on transport: any Transport, options: MicroserviceOptions
    ) -> [String] {
        let guarantees = transport.guarantees
        var problems: [String] = []
        for plan in plans where plan.kind == .emit {
            if !guarantees.contains(.events) {
                problems.append("\(plan.label): \(transport.name), as configured, carries no events")
            } else if plan.options.broadcast, !guarantees.contains(.broadcast) {
                problems.append("\(plan.label): \(transport.name), as configured, cannot broadcast")
            }
        }
        return problems + policyProblems(options, guarantees, transport.name)
    }

    /// Guards, interceptors, pipes and filters that could not be made.
    static func problems(in plans: [HandlerPlan], dependingOn graph: ApplicationGraph) -> [String] {
        plans.flatMap { problems(of: $0.enhancers, in: $0.entry.module, dependingOn: graph) }.unique
    }

    /// The same for one handler, whatever front it belongs to.
    package static func problems(
        of enhancers: [Enhancers], in module: ModuleHandle, dependingOn graph: ApplicationGraph
    ) -> [String] {
        enhancers.flatMap(\.providers).flatMap { graph.checkDependencies(of: $0, in: module) }.unique
    }

    private static func policyProblems(
        _ options: MicroserviceOptions, _ guarantees: Guarantees, _ transport: String
    ) -> [String] {
        guard let policy = options.deliveryPolicy else { return [] }
        var problems: [String] = []
        if policy.maxAttempts > 1, !guarantees.contains(.retries) {
            problems.append(
                "the delivery policy asks for \(policy.maxAttempts) tries, but \(transport), as configured, "
                    + "cannot deliver again: set maxAttempts to 1 or take a durable transport")
        }
        if policy.deadLetter == .enabled, !guarantees.contains(.deadLetters) {
            problems.append(
                "the delivery policy asks for dead letters, but \(transport), as configured, keeps none: "
                    + "set deadLetter to .disabled or take a durable transport")
        }
        return problems
    }

    /// A request has one answer; an event may have many handlers.
    private static func duplicates(in plans: [HandlerPlan]) -> [String] {
        var first: [String: HandlerPlan] = [:]
        var problems: [String] = []
        for plan in plans where plan.kind == .send {
            if let other = first[plan.pattern.name] {
                problems.append(
                    "\(plan.label) and \(other.label) both answer `\(plan.pattern)`: a request has one answer")
            } else {
                first[plan.pattern.name] = plan
            }
        }
        return problems
    }
}

extension [String] {
    /// Each one once, where it came first.
    fileprivate var unique: [String] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
