import { readFileSync, writeFileSync } from 'node:fs';
import { actions, allRights, type Job, jobs, permissionOf, rightsOf } from '../src/core/rights.ts';

/** Writes what follows from the table of rights into docs/security.md; a test holds that it is there as it is in the code. */
const path = new URL('../docs/security.md', import.meta.url);

export function withRights(text: string): string {
  const put = (into: string, name: string, what: string) =>
    into.replace(
      new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- /${name} -->`),
      () => `<!-- ${name} -->\n\n${what}\n\n<!-- /${name} -->`,
    );
  const looks = jobs.filter(job => job.name.startsWith('verify'));
  const whole = shellSnippet({ name: 'bmtool', of: jobs, writes: true });
  const reading = shellSnippet({ name: 'bmtool-verify', of: looks, writes: false });
  return put(put(put(text, 'rights', rightsTable()), 'token', whole), 'reading-token', reading);
}

function rightsTable(): string {
  const cell = (job: Job, isRead: boolean) =>
    rightsOf(job)
      .filter(({ op }) => (op === 'read') === isRead)
      .map(right => `\`${permissionOf(right)}\``)
      .join(' ') || 'nothing';
  const rows = jobs.map(job => `| ${job.name} | ${cell(job, true)} | ${cell(job, false)} |`);
  return ['| job | to look | to write |', '|---|---|---|', ...rows].join('\n');
}

type Account = { readonly name: string; readonly of: readonly Job[]; readonly writes: boolean };

/** For NetBox's own shell, 4.2 to 4.7. Ids, because the kind of what a permission names has changed between versions. */
function shellSnippet({ name, of, writes }: Account): string {
  const all = allRights(of);
  const lines = (['read', 'create', 'update', 'delete'] as const)
    .map(op => [actions[op], all.filter(right => right.op === op).map(({ kind }) => kind)] as const)
    .filter(([, models]) => models.length > 0)
    .map(([action, models]) => `    '${action}': '${models.join(' ')}',`);
  return `\`\`\`sh
python3 manage.py shell <<'EOF'
from django.contrib.contenttypes.models import ContentType
from users.models import Group, ObjectPermission, Token, User

rights = {
${lines.join('\n')}
}
group, _ = Group.objects.get_or_create(name='${name}')
for action, models in rights.items():
    permission, _ = ObjectPermission.objects.get_or_create(name=f'${name}: {action}', defaults={'actions': [action]})
    types = [ContentType.objects.get_by_natural_key(*model.split('.')) for model in models.split()]
    permission.object_types.set([one.pk for one in types])
    permission.groups.add(group)
user, is_new = User.objects.get_or_create(username='${name}')
if is_new:
    user.set_unusable_password()
    user.save()
user.groups.add(group)
token = Token(user=user, description='${name}', write_enabled=${writes ? 'True' : 'False'})
token.save()
print(f'nbt_{token.key}.{token.token}' if getattr(token, 'version', 1) == 2 else token.key)
EOF
\`\`\``;
}

if (import.meta.main) writeFileSync(path, withRights(readFileSync(path, 'utf8')));
