/** What runs a container. */
export type ContainerRuntime = 'docker' | 'containerd' | 'cri-o' | 'podman' | 'lxc' | 'kubernetes';

/** The container that a process is in. */
export interface Container {
  readonly runtime: ContainerRuntime;
  /** The runtime's id of it, 64 hexadecimal digits; for lxc its name. */
  readonly id: string;
}

const ID = '([0-9a-f]{64}|[0-9a-f]{32}-[0-9]+)';

/** The first that matches wins: Kubernetes' own directories say less than the runtime below them. */
const PATTERNS: readonly (readonly [ContainerRuntime, RegExp])[] = [
  ['containerd', new RegExp(`/(?:.*:)?cri-containerd[-:]${ID}(?:\\.scope)?(?:/|$)`, 'u')],
  ['containerd', new RegExp(`/nerdctl-${ID}\\.scope(?:/|$)`, 'u')],
  ['cri-o', new RegExp(`/crio-(?:conmon-)?${ID}(?:\\.scope)?(?:/|$)`, 'u')],
  ['podman', new RegExp(`/libpod-(?:conmon-)?${ID}(?:\\.scope)?(?:/|$)`, 'u')],
  ['docker', new RegExp(`/docker[-/]${ID}(?:\\.scope)?(?:/|$)`, 'u')],
  ['kubernetes', new RegExp(`/kubepods[^/]*/.*/${ID}(?:/|$)`, 'u')],
  ['kubernetes', new RegExp(`/kubepods[^/]*/${ID}(?:/|$)`, 'u')],
  ['containerd', new RegExp(`^/(?:default|k8s\\.io|moby)/${ID}(?:/|$)`, 'u')],
  ['lxc', /\/lxc(?:\.payload\.|\/)([^/]+)(?:\/|$)/u],
];

/**
 * The container that /proc/PID/cgroup tells of; `undefined` for none, and for one that we are in ourselves with a
 * cgroup namespace of its own, which shows `/` only.
 */
// 0::/system.slice/docker-3f4c…9a.scope                                            cgroup v2, systemd
// 4:memory:/docker/3f4c…9a                                                         cgroup v1
// 0::/kubepods.slice/kubepods-besteffort.slice/kubepods-…slice/cri-containerd-3f…scope
// 0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-3f…scope/container
// 0::/lxc.payload.web1
export function parseCgroup(text: string): Container | undefined {
  const paths = text.split('\n').map((line) => line.replace(/^\d+:[^:]*:/u, ''));
  for (const [runtime, pattern] of PATTERNS) {
    for (const path of paths) {
      const id = pattern.exec(path)?.[1];
      if (id !== undefined) return { runtime, id };
    }
  }
  return undefined;
}
