/// Gives every provider, controller and module object a record in its module.
struct ProviderRegistry {
    private(set) var nodes: [ModuleNode]
    private(set) var records: [ProviderRecord] = []
    private(set) var controllers: [ControllerEntry] = []
    private(set) var problems: [String] = []

    private let overrides: [Token: Provider]
    private var usedOverrides: Set<Token> = []
    private var homes: [ObjectIdentifier: ModuleHandle] = [:]

    /// - Parameters:
    ///   - nodes: The modules.
    ///   - order: In which order to go through them.
    ///   - overrides: Providers to take instead of those with the same token; the last of a token counts.
    init(_ nodes: [ModuleNode], order: [Int], overrides: [Provider]) {
        self.nodes = nodes
        self.overrides = Dictionary(overrides.map { ($0.token, $0) }, uniquingKeysWith: { _, last in last })
        for index in order { addContents(of: index) }
        for provider in overrides where !usedOverrides.contains(provider.token) {
            problems.append("\(provider.token) is overridden, but no module provides it")
            usedOverrides.insert(provider.token)
        }
    }

    private mutating func addContents(of index: Int) {
        let node = nodes[index]
        for provider in node.metadata.providers { addProvider(provider, to: index) }
        for type in node.metadata.controllers { addController(type, to: index) }
        if let type = node.reference.type as? any Injectable.Type {
            nodes[index].objects[Token(type)] = add(Provider(type), .module, to: index)
        }
    }

    private mutating func addProvider(_ provider: Provider, to index: Int) {
        guard provider.token != .moduleRef else {
            return problems.append("\(nodes[index].name) provides ModuleRef, which every module has already")
        }
        guard nodes[index].providers[provider.token] == nil else {
            return problems.append("\(nodes[index].name) provides \(provider.token) twice")
        }
        if overrides[provider.token] != nil { usedOverrides.insert(provider.token) }
        let record = add(overrides[provider.token] ?? provider, .provider, to: index)
        nodes[index].providers[provider.token] = record
    }

    private mutating func addController(_ type: any Injectable.Type, to index: Int) {
        let handle = nodes[index].handle
        if let home = homes[ObjectIdentifier(type)] {
            let place = home == handle ? "\(handle) twice" : "\(home) and of \(handle)"
            return problems.append("\(type) is a controller of \(place)")
        }
        homes[ObjectIdentifier(type)] = handle
        let record = add(Provider(type), .controller, to: index)
        nodes[index].objects[Token(type)] = record
        controllers.append(ControllerEntry(type: type, module: handle, isRequestScoped: false, record: record))
    }

    private mutating func add(_ provider: Provider, _ role: ProviderRecord.Role, to index: Int) -> Int {
        let id = records.count
        records.append(ProviderRecord(id: id, module: nodes[index].handle, provider: provider, role: role))
        return id
    }
}
