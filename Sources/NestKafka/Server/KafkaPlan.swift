/// What one service reads, and which handlers get what from there.
struct KafkaPlan: Sendable {
    /// What comes in a topic.
    enum Role: Sendable, Hashable {
        /// The service's requests, and events of peers that know no other place.
        case requests
        /// Events for one instance of the group.
        case events
        /// Events of the group that wait for their next try.
        case retries
    }

    /// A group and what it reads.
    struct Group: Sendable {
        let id: String
        var topics: [String: Role]
    }

    let groups: [Group]
    /// The topics with events that every instance gets.
    let broadcasts: [String]
    /// What events there are handlers for that one instance of the group runs.
    let shared: PatternSet
    /// What events there are handlers for that every instance runs.
    let everyone: PatternSet
    /// The pattern of what comes in a topic of its own and does not say its pattern.
    let onlyPatterns: [String: String]
    /// Where records wait for their next try, by how long.
    let retries: [Int64: String]
    /// Where dead letters go.
    let dead: String
    /// What must be there.
    let specs: [KafkaTopicSpec]

    init(
        _ routes: [Route], _ options: KafkaOptions, _ environment: TransportEnvironment, replies: KafkaTopicSpec
    ) throws(TransportError) {
        let names = KafkaNames(options)
        for name in [environment.queue, environment.group] {
            if let problem = KafkaNames.problem(ofTopic: name) {
                throw TransportError(
                    .invalidConfiguration, "queue and group name topics of Kafka: `\(name)` \(problem)")
            }
        }
        let events = routes.filter { $0.kind == .emit }
        let (everyone, shared) = (events.filter(\.options.broadcast), events.filter { !$0.options.broadcast })
        self.shared = PatternSet(shared.map(\.pattern))
        self.everyone = PatternSet(everyone.map(\.pattern))
        let group = environment.group
        let policy = environment.deliveryPolicy
        let delays = (1..<max(1, policy.maxAttempts)).map { policy.backoff.delay(after: $0) }
        let waits = Set(delays.map(Self.milliseconds)).filter { $0 > 0 }
        retries =
            shared.isEmpty
            ? [:]
            : Dictionary(
                uniqueKeysWithValues: waits.map { ($0, names.retry(group, after: $0)) })
        dead = names.dead(group)
        let requests = names.requests(environment.queue)
        var topics = [requests: Role.requests]
        for topic in Self.topics(of: shared, options.topics, names) { topics[topic] = topics[topic] ?? .events }
        for topic in retries.values { topics[topic] = .retries }
        broadcasts = Self.topics(of: everyone, options.topics, names).sorted()
        onlyPatterns = Self.onlyPatterns(options.topics)
        groups = Self.groups(topics, names, queue: environment.queue, group: group)
        let all = Set(topics.keys).union(broadcasts).union([dead])
        specs = all.sorted().map { KafkaTopicSpec(name: $0, partitions: options.topics.partitions) } + [replies]
    }

    /// Requests, events and retries in groups of their own: what one member reads of several topics is shared out by the
    /// sum of the partitions. Of two instances, one would get all requests and the other all events.
    private static func groups(
        _ topics: [String: Role], _ names: KafkaNames, queue: String, group: String
    ) -> [Group] {
        let ids: [(Role, String)] = [
            (.requests, names.requestGroup(queue)), (.events, names.group(group)), (.retries, names.retryGroup(group)),
        ]
        return ids.map { role, id in Group(id: id, topics: topics.filter { $0.value == role }) }
            .filter { !$0.topics.isEmpty }
    }

    /// A duration as brokers and names have it.
    static func milliseconds(_ duration: Duration) -> Int64 { Int64(duration / .milliseconds(1)) }

    /// Where events come that these handlers want.
    private static func topics(of routes: [Route], _ options: KafkaTopicOptions, _ names: KafkaNames) -> Set<String> {
        var topics: Set<String> = []
        for route in routes {
            var isWhole = false
            for mapping in options.events where !isWhole && mapping.pattern.overlaps(route.pattern) {
                topics.insert(mapping.topic)
                isWhole = mapping.pattern.includes(route.pattern)
            }
            if !isWhole { topics.insert(names.events) }
        }
        return topics
    }

    private static func onlyPatterns(_ options: KafkaTopicOptions) -> [String: String] {
        var patterns: [String: [Pattern]] = [:]
        for mapping in options.events { patterns[mapping.topic, default: []].append(mapping.pattern) }
        return patterns.compactMapValues { patterns in
            patterns.count == 1 && !patterns[0].hasWildcards ? patterns[0].name : nil
        }
    }
}
