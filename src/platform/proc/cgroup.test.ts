import { expect, test } from 'vitest';
import { parseCgroup } from './cgroup.ts';

const ID = '3f4c'.repeat(16);
const POD = 'kubepods-besteffort-pod0123_4567.slice';

test.each([
  ['docker under systemd', `0::/system.slice/docker-${ID}.scope\n`, { runtime: 'docker', id: ID }],
  ['docker, cgroup v1', `5:devices:/\n4:memory:/docker/${ID}\n`, { runtime: 'docker', id: ID }],
  ['docker in docker', `0::/docker/${ID}/docker/${'ab'.repeat(32)}\n`, { runtime: 'docker', id: ID }],
  [
    'containerd under Kubernetes',
    `0::/kubepods.slice/${POD}/cri-containerd-${ID}.scope\n`,
    { runtime: 'containerd', id: ID },
  ],
  [
    'containerd, not in a scope',
    `1:cpu:/system.slice/containerd.service/${POD}:cri-containerd:${ID}\n`,
    { runtime: 'containerd', id: ID },
  ],
  ['nerdctl', `0::/system.slice/nerdctl-${ID}.scope\n`, { runtime: 'containerd', id: ID }],
  ['ctr', `0::/default/${ID}\n`, { runtime: 'containerd', id: ID }],
  ['CRI-O', `0::/kubepods.slice/${POD}/crio-${ID}.scope\n`, { runtime: 'cri-o', id: ID }],
  [
    'Kubernetes, cgroup v1',
    `4:memory:/kubepods/burstable/pod0123-4567/${ID}\n`,
    { runtime: 'kubernetes', id: ID },
  ],
  [
    'podman without root',
    `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container\n`,
    { runtime: 'podman', id: ID },
  ],
  ['podman, cgroup v1', `4:memory:/machine.slice/libpod-${ID}.scope\n`, { runtime: 'podman', id: ID }],
  ['lxc', '0::/lxc.payload.web1/system.slice\n', { runtime: 'lxc', id: 'web1' }],
  ['lxc, cgroup v1', '4:memory:/lxc/web1\n', { runtime: 'lxc', id: 'web1' }],
  ['no container', '0::/user.slice/user-1000.slice/session-3.scope\n', undefined],
  ['our own cgroup namespace', '0::/\n', undefined],
])('parseCgroup() tells %s', (_what, text, container) => {
  expect(parseCgroup(text)).toEqual(container);
});
