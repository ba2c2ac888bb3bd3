/// A module with its place in the graph.
struct ModuleNode: Sendable {
    let handle: ModuleHandle
    /// Kept because a dynamic module's identity is an address.
    let reference: ModuleImport
    let metadata: ModuleMetadata
    /// Indices of modules, in the order they are imported, each once.
    var imports: [Int] = []
    /// Records of its own providers.
    var providers: [Token: Int] = [:]
    /// Records of what nobody injects but everybody may ask for: its controllers and the module's own object.
    var objects: [Token: Int] = [:]
    /// What its providers can inject: own, else imported, else global. More than one record is an ambiguity.
    var visible: [Token: [Int]] = [:]

    var name: String { handle.name }
}
